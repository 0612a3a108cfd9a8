// SPDX-License-Identifier: MIT
// Fills in free times, and books without leaving the page.  What it cannot do
// the form does by itself.
"use strict";

(function () {
	const WAIT_MS = 30000;	// for each answer

	function language() {
		return document.documentElement.lang || navigator.language;
	}

	// There from the beginning: only changes in it are read out.
	function statusOf(form) {
		let place = form.querySelector("[role=status]");

		if (!place) {
			place = document.createElement("p");
			place.setAttribute("role", "status");
			place.tabIndex = -1;
			form.append(place);
		}
		return place;
	}

	function says(form, text) {
		const place = statusOf(form);

		place.textContent = text;
		place.focus();
	}

	function clearErrors(form) {
		form.querySelectorAll(".error").forEach((one) => one.remove());
		form.querySelectorAll("[aria-invalid]").forEach((field) => {
			field.removeAttribute("aria-invalid");
			field.removeAttribute("aria-describedby");
		});
	}

	// The server says what is wrong, in the visitor's language.
	function showErrors(form, problem) {
		let first = null;

		for (const error of problem.errors || []) {
			const name = error.pointer.slice(1);
			const field = form.elements[name];

			if (!field || field.type === "hidden")
				continue;
			const text = document.createElement("span");

			text.className = "error";
			text.id = name + "-error";
			text.textContent = error.detail;
			field.setAttribute("aria-invalid", "true");
			field.setAttribute("aria-describedby", text.id);
			field.before(text);
			first = first || field;
		}
		if (first) {
			statusOf(form).textContent = "";
			first.focus();
		} else {
			says(form, [problem.title, problem.detail]
				.filter(Boolean).join(". "));
		}
	}

	function option(value, text) {
		const one = document.createElement("option");

		one.value = value;
		one.textContent = text;
		return one;
	}

	// The zone, once, beside the word that names the times.
	function showZone(choice, zone) {
		const label = choice.labels[0];

		if (label && !label.querySelector(".zone")) {
			const text = document.createElement("span");

			text.className = "zone";
			text.textContent = " (" + zone + ")";
			label.append(text);
		}
	}

	// choose: let nothing be chosen, so that nobody books by mistake what
	// stands first in a list that has just changed.
	async function fillTimes(form, choose) {
		const site = form.action.replace(/\/f\/[^/]*$/, "");
		const choice = form.elements.slot;
		const answer = await fetch(site + "/api/v1/services/" +
			encodeURIComponent(form.dataset.service) +
			"/slots?free=1",
			{ signal: AbortSignal.timeout(WAIT_MS) });

		if (!answer.ok)
			return;
		const data = await answer.json();
		const zone = data.service.time_zone;
		const when = new Intl.DateTimeFormat(language(), {
			weekday: "short", day: "numeric", month: "short",
			hour: "numeric", minute: "2-digit", timeZone: zone,
		});
		const far = new Intl.DateTimeFormat(language(), {
			dateStyle: "medium", timeStyle: "short", timeZone: zone,
		});
		const soon = Date.now() + 300 * 86400 * 1000;
		const times = data.slots.map((slot) => {
			const at = new Date(slot.starts_at);

			return option(slot.id, (at < soon ? when : far).format(at));
		});

		if (times.length === 0)
			times.unshift(option("", form.dataset.none));
		else if (choose)
			times.unshift(option("", form.dataset.choose));
		choice.replaceChildren(...times);
		showZone(choice, zone);
	}

	async function book(form) {
		const answer = await fetch(form.action, {
			method: "POST",
			headers: {
				"Content-Type": "application/json",
				"Accept": "application/json",
				"Accept-Language": language(),
			},
			body: JSON.stringify(Object.fromEntries(new FormData(form))),
			signal: AbortSignal.timeout(WAIT_MS),
		});
		const data = await answer.json();

		if (!answer.ok) {
			showErrors(form, data);
			// Full, or begun: others may still be free.
			if (answer.status === 409 && form.dataset.service)
				await fillTimes(form, true).catch(() => {});
		} else if (data.next) {
			location.assign(data.next);
		} else if (data.outcome === "booked") {
			form.reset();
			says(form, form.dataset.done.replace("%s",
				data.reference));
		} else {
			says(form, form.dataset.already);
		}
	}

	for (const form of document.querySelectorAll("form.booking")) {
		let busy = false;

		statusOf(form);
		if (form.dataset.service)
			fillTimes(form, false).catch(() => {});
		form.addEventListener("submit", async (event) => {
			event.preventDefault();
			// The button is not disabled: that would take the focus away.
			if (busy)
				return;
			busy = true;
			clearErrors(form);
			statusOf(form).textContent = form.dataset.sending;
			try {
				await book(form);
			} catch (error) {
				says(form, form.dataset.failed);
			} finally {
				busy = false;
			}
		});
	}
})();
