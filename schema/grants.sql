-- SPDX-License-Identifier: MIT
-- What each account of Reservoir may do, table by table.  The account that owns
-- the tables runs it at the end of each "bookctl migrate" if grants_file of its
-- settings names it.  It may be run again, and takes nothing away.  Where
-- programs are on other hosts than the database, take a copy with their names
-- instead of localhost.
--
-- reservoir          the workers of booking.fcgi, which answer the web server
-- reservoir_relay    its relay, which looks after the mails
-- reservoir_bookctl  operators: keys, mending, what organisers may do
--
-- Nobody changes or removes a line of the record (audit, booking_event), and
-- no worker makes a key that lets a program in.

-- The workers.
GRANT SELECT ON schema_version TO 'reservoir'@'localhost';
GRANT SELECT, INSERT, UPDATE ON service TO 'reservoir'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON slot TO 'reservoir'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON slot_inventory TO 'reservoir'@'localhost';
GRANT SELECT, INSERT, UPDATE ON booking TO 'reservoir'@'localhost';
GRANT SELECT, INSERT ON booking_event TO 'reservoir'@'localhost';
GRANT SELECT, INSERT, UPDATE ON notification TO 'reservoir'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON waiting TO 'reservoir'@'localhost';
GRANT SELECT, DELETE ON booking_namekey TO 'reservoir'@'localhost';
GRANT SELECT ON waiting_namekey TO 'reservoir'@'localhost';
GRANT SELECT, INSERT, DELETE ON answer TO 'reservoir'@'localhost';
GRANT SELECT, INSERT, UPDATE ON question TO 'reservoir'@'localhost';
GRANT SELECT, INSERT, UPDATE ON question_text TO 'reservoir'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON feed TO 'reservoir'@'localhost';
GRANT SELECT, UPDATE (trapped) ON form_key TO 'reservoir'@'localhost';
GRANT SELECT, UPDATE (used_on) ON api_key TO 'reservoir'@'localhost';
GRANT SELECT, INSERT ON audit TO 'reservoir'@'localhost';

-- The relay.
GRANT SELECT ON schema_version TO 'reservoir_relay'@'localhost';
GRANT SELECT, UPDATE ON service TO 'reservoir_relay'@'localhost';
GRANT SELECT, UPDATE (wall_at) ON slot TO 'reservoir_relay'@'localhost';
GRANT SELECT, UPDATE ON slot_inventory TO 'reservoir_relay'@'localhost';
GRANT SELECT, UPDATE ON booking TO 'reservoir_relay'@'localhost';
GRANT SELECT, INSERT ON booking_event TO 'reservoir_relay'@'localhost';
GRANT SELECT, INSERT, UPDATE ON notification TO 'reservoir_relay'@'localhost';
GRANT SELECT, UPDATE, DELETE ON waiting TO 'reservoir_relay'@'localhost';
GRANT SELECT, INSERT, DELETE ON booking_namekey TO 'reservoir_relay'@'localhost';
GRANT SELECT, INSERT, DELETE ON waiting_namekey TO 'reservoir_relay'@'localhost';
GRANT SELECT, DELETE ON answer TO 'reservoir_relay'@'localhost';
GRANT SELECT ON question TO 'reservoir_relay'@'localhost';
GRANT SELECT ON question_text TO 'reservoir_relay'@'localhost';
GRANT INSERT ON audit TO 'reservoir_relay'@'localhost';

-- Operators.
GRANT SELECT ON schema_version TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, UPDATE ON service TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON slot TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON slot_inventory TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, UPDATE ON booking TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT ON booking_event TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON notification TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON waiting TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, DELETE ON booking_namekey TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, DELETE ON waiting_namekey TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, DELETE ON answer TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, UPDATE ON question TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, UPDATE ON question_text TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON feed TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, UPDATE ON form_key TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT, UPDATE ON api_key TO 'reservoir_bookctl'@'localhost';
GRANT SELECT, INSERT ON audit TO 'reservoir_bookctl'@'localhost';
