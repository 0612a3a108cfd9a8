-- SPDX-License-Identifier: MIT
-- What was heard of a mail after a mail server had taken it.

-- fate: 0 nothing, 1 delivered, 2 delayed, 3 returned, 4 complained; it does not
-- change state: that the server took the mail is a fact.  fate_sure: 0 = a
-- forger may have written the report.  fate_at: when it was heard.  fate_text:
-- the server's words, without addresses; '' if forget is not 0.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'notification'
	AND column_name = 'fate') > 0, 'DO 0',
	"ALTER TABLE notification
	ADD COLUMN fate TINYINT NOT NULL DEFAULT 0,
	ADD COLUMN fate_sure TINYINT NOT NULL DEFAULT 0,
	ADD COLUMN fate_at DATETIME(3) NULL,
	ADD COLUMN fate_text VARCHAR(128) NOT NULL DEFAULT ''");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

-- Counted and listed by both.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics
	WHERE table_schema = DATABASE() AND table_name = 'notification'
	AND index_name = 'notification_fate') > 0, 'DO 0',
	"ALTER TABLE notification ADD KEY notification_fate (state, fate)");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
