-- SPDX-License-Identifier: MIT
-- Addresses that are checked before a booking counts.

-- confirm_minutes: within so long of the mail its address must be confirmed;
-- 0 = a booking counts at once.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'service'
	AND column_name = 'confirm_minutes') > 0, 'DO 0',
	"ALTER TABLE service
	ADD COLUMN confirm_minutes INT NOT NULL DEFAULT 0");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

-- A booking whose address is being checked is a place in line that was offered
-- at once, with all that was typed.
-- in_line: 1 = of the waiting list, where an address has one place for each
-- slot; NULL = such a booking.
-- check_number: of those of one address that still wait to be confirmed, 1 to
-- 3; NULL = it does not.
-- idem_key, req_hash, request_id: as of a booking.  answers: what was answered,
-- as store/answers.c writes it into rows; NULL = nothing.
-- told_at: when the mail server took the mail about it, from which offer_until
-- counts.  NULL = not known yet, and offer_until is when that is given up.
-- untold: how often it was given up and had to wait again, behind those of
-- whom that is not so.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'waiting'
	AND column_name = 'in_line') > 0, 'DO 0',
	"ALTER TABLE waiting
	ADD COLUMN in_line TINYINT NULL DEFAULT 1,
	ADD COLUMN check_number TINYINT NULL,
	ADD COLUMN idem_key BINARY(16) NULL,
	ADD COLUMN req_hash BINARY(32) NOT NULL DEFAULT '',
	ADD COLUMN request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
		NOT NULL DEFAULT '',
	ADD COLUMN notes VARCHAR(4000) NOT NULL DEFAULT '',
	ADD COLUMN answers MEDIUMTEXT NULL,
	ADD COLUMN told_at DATETIME(3) NULL,
	ADD COLUMN untold INT NOT NULL DEFAULT 0,
	DROP KEY waiting_once,
	DROP KEY waiting_next,
	ADD KEY waiting_next (slot_id, state, untold, id),
	ADD KEY waiting_told (state, told_at),
	ADD UNIQUE KEY waiting_once (slot_id, email, in_line),
	ADD UNIQUE KEY waiting_check (email, check_number),
	ADD UNIQUE KEY waiting_idem_key (idem_key)");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
