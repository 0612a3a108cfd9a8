-- SPDX-License-Identifier: MIT
-- What organisers look up, and what they did.

-- Who did what, apart from what stands in booking_event: requeued mails,
-- services, slots, exports.  object: what it was done to, a reference or a
-- slug.  Holds no address and no name of a visitor.
CREATE TABLE IF NOT EXISTS audit (
	id BIGINT NOT NULL AUTO_INCREMENT,
	at DATETIME(3) NOT NULL,
	actor VARCHAR(64) NOT NULL,
	action VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	object VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	detail VARCHAR(500) NOT NULL,
	request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- A visitor is looked up by address, mails by state.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics
	WHERE table_schema = DATABASE() AND table_name = 'booking'
	AND index_name = 'booking_email') > 0, 'DO 0',
	"ALTER TABLE booking ADD KEY booking_email (email)");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics
	WHERE table_schema = DATABASE() AND table_name = 'notification'
	AND index_name = 'notification_state') > 0, 'DO 0',
	"ALTER TABLE notification ADD KEY notification_state (state, id)");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
