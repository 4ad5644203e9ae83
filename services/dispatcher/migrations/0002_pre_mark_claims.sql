-- Each claiming statement marks its leases: those whose answer got lost can be told from those that somebody knows.

ALTER TABLE leased ADD COLUMN batch uuid;
