-- SPDX-License-Identifier: MIT
-- A service's texts in other languages, and who reads that they changed.

-- texts: JSON, {"en": {"name": ..., "description": ..., "place": ...}}; what is
-- absent or '' is as in the service's own language.  NULL = no other language.
-- tell_langs: with tell_from, in which languages people read another name or
-- place: '' all, '+en,de' these, '-en' all others.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'service'
	AND column_name = 'texts') > 0, 'DO 0',
	"ALTER TABLE service
	ADD COLUMN texts MEDIUMTEXT NULL,
	ADD COLUMN tell_langs VARCHAR(800) CHARACTER SET ascii
		COLLATE ascii_bin NOT NULL DEFAULT ''");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
