// SPDX-License-Identifier: MIT
// Fills in free times, and books without leaving the page.  What it cannot do
// the form does by itself.
"use strict";

(function () {
	function says(form, text) {
		let place = form.querySelector("[role=status]");

		if (!place) {
			place = document.createElement("p");
			place.setAttribute("role", "status");
			place.tabIndex = -1;
			form.append(place);
		}
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
		if (first)
			first.focus();
		else
			says(form, problem.detail || problem.title);
	}

	async function fillTimes(form, site) {
		const choice = form.elements.slot;
		const service = form.dataset.service;
		const answer = await fetch(site + "/api/v1/services/" +
			encodeURIComponent(service) + "/slots?free=1");
		const data = await answer.json();

		if (!answer.ok || data.slots.length === 0)
			return;
		const when = new Intl.DateTimeFormat(document.documentElement.lang, {
			dateStyle: "full", timeStyle: "short",
			timeZone: data.service.time_zone,
		});

		choice.replaceChildren(...data.slots.map((slot) => {
			const option = document.createElement("option");

			option.value = slot.id;
			option.textContent = when.format(new Date(slot.starts_at)) +
				" (" + data.service.time_zone + ")";
			return option;
		}));
	}

	async function book(form) {
		const answer = await fetch(form.action, {
			method: "POST",
			headers: {
				"Content-Type": "application/json",
				"Accept": "application/json",
				"Accept-Language": document.documentElement.lang,
			},
			body: JSON.stringify(Object.fromEntries(new FormData(form))),
		});
		const data = await answer.json();

		if (!answer.ok) {
			showErrors(form, data);
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
		const button = form.querySelector("[type=submit]");

		if (form.dataset.service)
			fillTimes(form, form.action.replace(/\/f\/[^/]*$/, ""))
				.catch(() => {});
		form.addEventListener("submit", async (event) => {
			event.preventDefault();
			clearErrors(form);
			button.disabled = true;
			try {
				await book(form);
			} catch (error) {
				says(form, form.dataset.failed);
			} finally {
				button.disabled = false;
			}
		});
	}
})();
