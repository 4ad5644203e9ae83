-- Leases name their holder by the SHA-256 of his session token, as sessions and events do, and not by the token itself. A
-- version of before would not know its own leases again: it must not run beside this one.

UPDATE leased SET token = encode(sha256(convert_to(token, 'UTF8')), 'hex');
COMMENT ON TABLE leased IS 'Invocations in somebody''s hands. The fence is (token, attempt), the token by its SHA-256; the clock is the database''s.';
