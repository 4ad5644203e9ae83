-- Only claims of the version before used it.
DROP INDEX ready_in_order;
