-- SPDX-License-Identifier: MIT
-- Services, slots, bookings and the outbox of notifications.
--
-- All times are UTC.  DDL cannot be rolled back: each statement of a migration
-- can be run again after a crash in the middle of the file.

CREATE TABLE IF NOT EXISTS schema_version (
	version INT NOT NULL,
	name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	applied_at DATETIME(3) NOT NULL,
	PRIMARY KEY (version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS service (
	id BIGINT NOT NULL AUTO_INCREMENT,
	slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	name VARCHAR(200) NOT NULL,
	description VARCHAR(2000) NOT NULL,
	place VARCHAR(200) NOT NULL,
	zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	organiser_name VARCHAR(200) NOT NULL,
	organiser_email VARCHAR(254) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY service_slug (slug)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What never changes of a slot, and the only thing that a booking refers to.
CREATE TABLE IF NOT EXISTS slot (
	id BIGINT NOT NULL AUTO_INCREMENT,
	service_id BIGINT NOT NULL,
	starts_at DATETIME NOT NULL,
	ends_at DATETIME NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY slot_service_start (service_id, starts_at),
	CONSTRAINT slot_service FOREIGN KEY (service_id) REFERENCES service (id),
	CONSTRAINT slot_has_length CHECK (ends_at > starts_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The counter in a row of its own that nothing refers to: a foreign key to it
-- would lock it shared before the UPDATE wants it alone (deadlocks, 19 times
-- slower on a wanted slot).
CREATE TABLE IF NOT EXISTS slot_inventory (
	slot_id BIGINT NOT NULL,
	capacity INT NOT NULL,
	booked INT NOT NULL,
	PRIMARY KEY (slot_id),
	CONSTRAINT slot_inventory_slot FOREIGN KEY (slot_id) REFERENCES slot (id),
	CONSTRAINT slot_never_overbooked CHECK (booked >= 0 AND booked <= capacity)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- idem_key: NULL once the time in which the same form may come again is over.
-- version: of the capability; raising it revokes the links sent before.
CREATE TABLE IF NOT EXISTS booking (
	id BIGINT NOT NULL AUTO_INCREMENT,
	ref CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	version INT NOT NULL,
	slot_id BIGINT NOT NULL,
	seats INT NOT NULL,
	name VARCHAR(200) NOT NULL,
	email VARCHAR(254) NOT NULL,
	locale VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	notes VARCHAR(4000) NOT NULL,
	idem_key BINARY(16) NULL,
	req_hash BINARY(32) NOT NULL,
	created_at DATETIME(3) NOT NULL,
	cancelled_at DATETIME(3) NULL,
	PRIMARY KEY (id),
	UNIQUE KEY booking_ref (ref),
	UNIQUE KEY booking_idem_key (idem_key),
	KEY booking_slot (slot_id),
	CONSTRAINT booking_slot FOREIGN KEY (slot_id) REFERENCES slot (id),
	CONSTRAINT booking_has_seats CHECK (seats > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The outbox.  state: 0 open, 1 sent, 2 dead, 3 expired, 4 aborted.  due_at:
-- when the relay looks next, NULL when the row is final, so that its scan is a
-- pure range.
CREATE TABLE IF NOT EXISTS notification (
	id BIGINT NOT NULL AUTO_INCREMENT,
	booking_id BIGINT NOT NULL,
	envelope_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	kind VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	state TINYINT NOT NULL,
	attempts INT NOT NULL,
	checks INT NOT NULL,
	reply VARCHAR(128) NOT NULL,
	created_at DATETIME(3) NOT NULL,
	final_at DATETIME(3) NULL,
	due_at DATETIME(3) NULL,
	PRIMARY KEY (id),
	UNIQUE KEY notification_envelope (envelope_id),
	KEY notification_due (due_at),
	KEY notification_booking (booking_id, kind),
	CONSTRAINT notification_booking FOREIGN KEY (booking_id)
		REFERENCES booking (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
