-- Version 2 of the device's own database: when a device was last connected, in seconds since 1970; NULL if never.
ALTER TABLE device ADD COLUMN seen_seconds INTEGER;
