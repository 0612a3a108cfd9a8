-- SPDX-License-Identifier: MIT
-- Cancelling, moving, reminders, the waiting list, and who did what.
--
-- Columns are added by a statement that is made only if they are not there:
-- neither server has an IF NOT EXISTS for them that the other knows.

-- language: of the service's own texts, "" = the site's default.
-- notice_minutes: until so long before the beginning a visitor may cancel or
-- move.  reminder_minutes: so long before it a reminder is sent, 0 = none.
-- offer_minutes: so long a freed place is kept for who waits for it.
-- organiser_mails: does the organiser get a mail about each booking?
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'service'
	AND column_name = 'language') > 0, 'DO 0',
	"ALTER TABLE service
	ADD COLUMN language VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin
		NOT NULL DEFAULT '',
	ADD COLUMN notice_minutes INT NOT NULL DEFAULT 0,
	ADD COLUMN reminder_minutes INT NOT NULL DEFAULT 0,
	ADD COLUMN offer_minutes INT NOT NULL DEFAULT 120,
	ADD COLUMN organiser_mails TINYINT NOT NULL DEFAULT 0");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

-- revision: counts all changes; whoever changes a booking names the one that
-- they saw.  sequence: counts those that calendars must hear of.  cancelled_by:
-- 0 nobody, 1 the visitor, 2 the organiser.  request_id: nginx's, of the POST.
-- erased_at: when its personal data were taken out.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'booking'
	AND column_name = 'revision') > 0, 'DO 0',
	"ALTER TABLE booking
	ADD COLUMN revision INT NOT NULL DEFAULT 0,
	ADD COLUMN sequence INT NOT NULL DEFAULT 0,
	ADD COLUMN resends INT NOT NULL DEFAULT 0,
	ADD COLUMN corrections INT NOT NULL DEFAULT 0,
	ADD COLUMN cancelled_by TINYINT NOT NULL DEFAULT 0,
	ADD COLUMN cancel_reason VARCHAR(500) NOT NULL DEFAULT '',
	ADD COLUMN request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
		NOT NULL DEFAULT '',
	ADD COLUMN changed_at DATETIME(3) NULL,
	ADD COLUMN erased_at DATETIME(3) NULL");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

-- A mail is about a booking or about a place in the waiting list.  begins_at:
-- not to be sent before (NULL: at once); its age counts from there.  was_at:
-- of a moved booking, when it was.  detail: one word for the template.
-- An aborted row (state 4) with a due_at may still be in the queue: the relay
-- takes it out and clears due_at.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'notification'
	AND column_name = 'begins_at') > 0, 'DO 0',
	"ALTER TABLE notification
	MODIFY COLUMN booking_id BIGINT NULL,
	ADD COLUMN waiting_id BIGINT NULL,
	ADD COLUMN begins_at DATETIME(3) NULL,
	ADD COLUMN was_at DATETIME NULL,
	ADD COLUMN detail VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
		NOT NULL DEFAULT '',
	ADD KEY notification_waiting (waiting_id)");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

-- Who waits for a place.  state: 0 waiting, 1 offered (the seats are counted as
-- booked until offer_until), 2 booked, 3 the offer has lapsed, 4 has left.
CREATE TABLE IF NOT EXISTS waiting (
	id BIGINT NOT NULL AUTO_INCREMENT,
	ref CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	slot_id BIGINT NOT NULL,
	seats INT NOT NULL,
	name VARCHAR(200) NOT NULL,
	email VARCHAR(254) NOT NULL,
	locale VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	state TINYINT NOT NULL,
	created_at DATETIME(3) NOT NULL,
	offered_at DATETIME(3) NULL,
	offer_until DATETIME(3) NULL,
	booking_id BIGINT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY waiting_ref (ref),
	UNIQUE KEY waiting_once (slot_id, email),
	KEY waiting_next (slot_id, state, id),
	KEY waiting_until (state, offer_until),
	KEY waiting_booking (booking_id),
	CONSTRAINT waiting_slot FOREIGN KEY (slot_id) REFERENCES slot (id),
	CONSTRAINT waiting_has_seats CHECK (seats > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What happened to a booking after it was made, and by whom: "visitor",
-- "system" or an organiser's name.  Holds no address and no name of a visitor.
CREATE TABLE IF NOT EXISTS booking_event (
	id BIGINT NOT NULL AUTO_INCREMENT,
	booking_id BIGINT NOT NULL,
	at DATETIME(3) NOT NULL,
	actor VARCHAR(64) NOT NULL,
	action VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	detail VARCHAR(500) NOT NULL,
	request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	PRIMARY KEY (id),
	KEY booking_event_booking (booking_id, id),
	CONSTRAINT booking_event_booking FOREIGN KEY (booking_id)
		REFERENCES booking (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
