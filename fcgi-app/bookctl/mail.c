/* SPDX-License-Identifier: MIT */
/* bookctl email, retry and abort: where a booking's mails go, and whether. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/change.h"
#include "base/ticks.h"
#include "domain/address.h"
#include "domain/model.h"
#include "store/change.h"
#include "store/mails.h"

#include <sysexits.h>

int ctl_email(struct ctl *ctl, struct fault *why)
{
	struct store_actor by = ctl_actor(ctl);
	struct booking_view v;
	char email[ADDRESS_MAX + 1];
	int result = STORE_MEANWHILE;

	if (address_normalise(cli_text(ctl->call, "address"), email) !=
	    ADDRESS_GOOD) {
		(void)fault_set(why, FAULT_REJECT,
				"--address: not an address that mail can be "
				"sent to");
		return EX_DATAERR;
	}

	int status = ctl_booking_find(ctl, ctl->call->words[0], &v, why);

	if (status)
		return status;
	if (organise_hindrance(&v, true, wall_ms() / 1000) == FAIL_NONE)
		result = store_readdress(ctl->store, &v, email, &by, why);
	status = ctl_booking_done(v.ref, "readdressed",
				  cli_flag(ctl->call, "json"), result, why);
	booking_view_release(&v);
	return status;
}

/* One mail of a booking, by the id that trace prints. */
static int mail_change(struct ctl *ctl, bool retry, struct fault *why)
{
	const char *mail = cli_text(ctl->call, "mail");
	struct store_actor by = ctl_actor(ctl);
	struct booking_view v;
	int result;

	if (retry && !ctl->queue) {
		(void)fault_set(why, FAULT_CONFIG, "the queue's password "
				"cannot be read: run as who may");
		return EX_CONFIG;
	}

	int status = ctl_booking_find(ctl, ctl->call->words[0], &v, why);

	if (status)
		return status;
	result = retry ?
		organise_retry_by(ctl->store, ctl->queue, &v, mail, &by, why) :
		store_mail_abort(ctl->store, v.id, mail, &by, why);
	status = ctl_booking_done(v.ref, retry ? "retried" : "aborted",
				  cli_flag(ctl->call, "json"), result, why);
	booking_view_release(&v);
	return status;
}

int ctl_retry(struct ctl *ctl, struct fault *why)
{
	return mail_change(ctl, true, why);
}

int ctl_abort(struct ctl *ctl, struct fault *why)
{
	return mail_change(ctl, false, why);
}
