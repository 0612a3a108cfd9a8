-- SPDX-License-Identifier: MIT
-- By which version of its service a form was checked.

-- edition: counts each change of the service, of what it asks and of when its
-- slots begin.  A booking is written only if its form was checked by the
-- current one, so what a process remembers of a service decides nothing.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'service'
	AND column_name = 'edition') > 0, 'DO 0',
	"ALTER TABLE service
	ADD COLUMN edition INT NOT NULL DEFAULT 0");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
