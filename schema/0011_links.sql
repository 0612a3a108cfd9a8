-- SPDX-License-Identifier: MIT
-- Links rest on something drawn for their row alone, no longer on its number.

-- nonce: what the capability of the row is made from.  bookctl migrate draws it
-- for rows that have none, right after this file.
-- old_link: 1 = a link made from the row's number opens it, too.  That is what
-- rows have that the program before this one wrote, and still writes while it
-- runs beside a newer one, which writes 0: after a restore an old link whose
-- number was given to a newer row opens nothing.
-- offers: how often a place was offered; the number in the id of that mail.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'booking'
	AND column_name = 'nonce') > 0, 'DO 0',
	"ALTER TABLE booking
	ADD COLUMN nonce BINARY(16) NULL,
	ADD COLUMN old_link TINYINT NOT NULL DEFAULT 1");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'waiting'
	AND column_name = 'nonce') > 0, 'DO 0',
	"ALTER TABLE waiting
	ADD COLUMN nonce BINARY(16) NULL,
	ADD COLUMN old_link TINYINT NOT NULL DEFAULT 1,
	ADD COLUMN offers INT NOT NULL DEFAULT 0");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
