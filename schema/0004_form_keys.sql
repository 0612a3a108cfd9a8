-- SPDX-License-Identifier: MIT
-- Forms on other people's sites.

-- form_key: stands in the form's address, so it is no secret.  origins: of the
-- pages that may hold the form, as browsers write them.  returns: beginnings of
-- the addresses that a visitor may be sent to.  Both separated by blanks.
-- trapped: posts that filled in the field that people do not see.
CREATE TABLE IF NOT EXISTS form_key (
	id BIGINT NOT NULL AUTO_INCREMENT,
	form_key CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	name VARCHAR(200) NOT NULL,
	origins VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	returns VARCHAR(4000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	trapped BIGINT NOT NULL DEFAULT 0,
	created_at DATETIME(3) NOT NULL,
	revoked_at DATETIME(3) NULL,
	PRIMARY KEY (id),
	UNIQUE KEY form_key_key (form_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
