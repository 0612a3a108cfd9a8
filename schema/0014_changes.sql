-- SPDX-License-Identifier: MIT
-- What calendars show of a service may change after people have booked it.

-- changes: how often its name or place did; added to the SEQUENCE of all its
-- bookings.  changed_at: when it last did.
-- tell_from: who has booked a slot that begins from there on is still to be
-- told, NULL = nobody; tell_after: of the first of these slots only bookings
-- with a higher id.  tell_what: what has changed.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'service'
	AND column_name = 'changes') > 0, 'DO 0',
	"ALTER TABLE service
	ADD COLUMN changes INT NOT NULL DEFAULT 0,
	ADD COLUMN changed_at DATETIME(3) NULL,
	ADD COLUMN tell_from DATETIME NULL,
	ADD COLUMN tell_after BIGINT NOT NULL DEFAULT 0,
	ADD COLUMN tell_what VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
		NOT NULL DEFAULT '',
	ADD KEY service_tell (tell_from)");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
