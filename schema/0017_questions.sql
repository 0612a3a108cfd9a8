-- SPDX-License-Identifier: MIT
-- What a service asks besides name and address, and what was answered.

-- name: for programs; never given to another question of the service, so that a
-- row stays when it is retired.  kind: 0 a line, 1 lines, 2 a choice, 3 a box,
-- 4 a telephone.  per_seat: 1 = asked for each seat.  label, options: in the
-- service's language; an option is a line.
CREATE TABLE IF NOT EXISTS question (
	id BIGINT NOT NULL AUTO_INCREMENT,
	service_id BIGINT NOT NULL,
	name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	kind TINYINT NOT NULL,
	required TINYINT NOT NULL,
	per_seat TINYINT NOT NULL,
	position INT NOT NULL,
	label VARCHAR(200) NOT NULL,
	options VARCHAR(3100) NOT NULL,
	retired_at DATETIME(3) NULL,
	PRIMARY KEY (id),
	UNIQUE KEY question_name (service_id, name),
	CONSTRAINT question_service FOREIGN KEY (service_id)
		REFERENCES service (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Its texts in other languages.
CREATE TABLE IF NOT EXISTS question_text (
	question_id BIGINT NOT NULL,
	lang VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	label VARCHAR(200) NOT NULL,
	options VARCHAR(3100) NOT NULL,
	PRIMARY KEY (question_id, lang),
	CONSTRAINT question_text_question FOREIGN KEY (question_id)
		REFERENCES question (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- seat: 1 = the first; 0 = it is of the whole booking.  text: as typed; of a
-- choice the option in the service's language, of a box 'yes'.  phone_back: the
-- digits of a telephone, the last one first, by which it is looked for; NULL =
-- it is none.
CREATE TABLE IF NOT EXISTS answer (
	booking_id BIGINT NOT NULL,
	question_id BIGINT NOT NULL,
	seat SMALLINT NOT NULL,
	text VARCHAR(1000) NOT NULL,
	phone_back VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NULL,
	PRIMARY KEY (booking_id, question_id, seat),
	KEY answer_phone (phone_back, booking_id),
	CONSTRAINT answer_booking FOREIGN KEY (booking_id)
		REFERENCES booking (id),
	CONSTRAINT answer_question FOREIGN KEY (question_id)
		REFERENCES question (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
