# SPDX-License-Identifier: MIT
# Sidekiq: "ruby mail_sidekiq.rb SOCKET PORT fill COUNT BYTES", or sidekiq -r
# with BENCH_SOCKET and BENCH_PORT.
require "sidekiq"
require "net/smtp"
require "securerandom"
require "time"

socket = ENV["BENCH_SOCKET"] || ARGV[0]
redis = { url: "unix://#{socket}" }
Sidekiq.configure_client { |config| config.redis = redis }
Sidekiq.configure_server { |config| config.redis = redis }

class MailJob
  include Sidekiq::Worker
  sidekiq_options queue: "mails"

  def perform(to, subject, text)
    smtp = Thread.current[:smtp] ||= Net::SMTP.start(
      "127.0.0.1", ENV["BENCH_PORT"].to_i, starttls: false)
    smtp.send_message(<<~MAIL.gsub("\n", "\r\n"), "bookings@bench.example.org", to)
      From: bookings@bench.example.org
      To: #{to}
      Subject: #{subject}
      Date: #{Time.now.rfc2822}
      Message-ID: <#{SecureRandom.uuid}@bench.example>

      #{text}
    MAIL
    Sidekiq.redis { |r| r.incr("done") }
  end
end

if ARGV[2] == "fill"
  text = ("Please bring this message.\n" * 1000)[0, ARGV[4].to_i]
  jobs = [["visitor@bench.example.org", "Your visit", text]] * ARGV[3].to_i
  jobs.each_slice(500) do |some|
    Sidekiq::Client.push_bulk("class" => MailJob, "args" => some)
  end
end
