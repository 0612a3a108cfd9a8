// SPDX-License-Identifier: MIT
// Fills in free times, and books without leaving the page.  What it cannot do
// the form does by itself: in a browser that lacks something, behind a
// blocker, and when an answer is not one of ours.  Old browsers must be able
// to read it: no syntax later than ES5.
(function () {
	"use strict";

	var WAIT_MS = 30000;	// for each answer

	if (!window.XMLHttpRequest || !window.JSON ||
	    !document.querySelectorAll || !document.addEventListener)
		return;

	function language() {
		return document.documentElement.lang || navigator.language;
	}

	function say(form, name) {
		return form.getAttribute("data-" + name) || "";
	}

	function each(list, act) {
		Array.prototype.forEach.call(list, act);
	}

	// There from the beginning: only changes in it are read out.
	function statusOf(form) {
		var place = form.querySelector("[role=status]");

		if (!place) {
			place = document.createElement("p");
			place.setAttribute("role", "status");
			place.tabIndex = -1;
			form.appendChild(place);
		}
		return place;
	}

	function says(form, text) {
		var place = statusOf(form);

		place.textContent = text;
		place.focus();
	}

	function clearErrors(form) {
		each(form.querySelectorAll(".error"), function (one) {
			one.parentNode.removeChild(one);
		});
		each(form.querySelectorAll("[aria-invalid]"), function (field) {
			field.removeAttribute("aria-invalid");
			field.removeAttribute("aria-describedby");
		});
	}

	// The server says what is wrong, in the visitor's language.
	function showErrors(form, problem) {
		var first = null;

		each(problem.errors || [], function (error) {
			// "/answers/phone" is of the field "answers.phone".
			var name = error.pointer.slice(1).replace("/", ".");
			var field = form.elements[name];
			var text;

			if (!field || !field.setAttribute ||
			    field.type === "hidden")
				return;
			text = document.createElement("span");
			text.className = "error";
			text.id = name + "-error";
			text.textContent = error.detail;
			field.setAttribute("aria-invalid", "true");
			field.setAttribute("aria-describedby", text.id);
			field.parentNode.insertBefore(text, field);
			first = first || field;
		});
		if (first) {
			statusOf(form).textContent = "";
			first.focus();
		} else {
			says(form, [problem.title, problem.detail]
				.filter(Boolean).join(". "));
		}
	}

	// Asks for JSON.  done(status, data) has data null for any other
	// answer; failed(late) is called when none came: in time, or at all.
	// Throws when the browser does not even try.
	function ask(method, address, body, done, failed) {
		var rq = new XMLHttpRequest();

		rq.open(method, address);
		rq.timeout = WAIT_MS;
		rq.setRequestHeader("Accept", "application/json");
		rq.setRequestHeader("Accept-Language", language());
		if (body)
			rq.setRequestHeader("Content-Type", "application/json");
		rq.onload = function () {
			var data = null;

			try {
				data = JSON.parse(rq.responseText);
			} catch (error) {
				// A gateway's page, say.
			}
			done(rq.status, data);
		};
		rq.onerror = rq.onabort = function () {
			failed(false);
		};
		rq.ontimeout = function () {
			failed(true);
		};
		rq.send(body ? JSON.stringify(body) : null);
	}

	// ---- the free times -------------------------------------------------

	// The chosen time, for who comes back to the page: browsers restore
	// only what stands in its text.
	function remember(form, slot) {
		try {
			if (slot)
				sessionStorage.setItem(form.action, slot);
			else
				sessionStorage.removeItem(form.action);
		} catch (error) {
			// Not allowed here: the visitor chooses again.
		}
	}

	function remembered(form) {
		try {
			return sessionStorage.getItem(form.action) || "";
		} catch (error) {
			return "";
		}
	}

	function option(value, text) {
		var one = document.createElement("option");

		one.value = value;
		one.textContent = text;
		return one;
	}

	// The zone, once, beside the word that names the times.
	function showZone(choice, zone) {
		var label = choice.labels && choice.labels[0];
		var text;

		if (label && !label.querySelector(".zone")) {
			text = document.createElement("span");
			text.className = "zone";
			text.textContent = " (" + zone + ")";
			label.appendChild(text);
		}
	}

	// What is seen stays chosen.  A time that is no longer free leaves
	// nothing chosen, and that is said if the visitor had chosen it.
	function showTimes(form, data) {
		var choice = form.elements.slot;
		var times = data.slots.map(function (slot) {
			return option(slot.id, slot.text);
		});
		var wanted = form.chosenSlot || choice.value;
		var kept;

		times.unshift(option("", say(form, times.length ? "choose" :
						   "none")));
		while (choice.firstChild)
			choice.removeChild(choice.firstChild);
		times.forEach(function (one) {
			choice.appendChild(one);
		});
		kept = times.filter(function (one) {
			return wanted && one.value === wanted;
		})[0];
		(kept || times[0]).selected = true;
		if (form.chosenSlot && !kept) {
			form.chosenSlot = "";
			remember(form, "");
			// Where the server has not said it already.
			if (!statusOf(form).textContent)
				statusOf(form).textContent = say(form, "gone");
		}
		showZone(choice, data.zone_text);
	}

	function fillTimes(form) {
		var site = form.action.replace(/\/f\/[^\/]*$/, "");

		try {
			ask("GET", site + "/api/v1/services/" +
			    encodeURIComponent(say(form, "service")) +
			    "/slots?free=1&texts=1", null,
			    function (status, data) {
				// A site of an older version has no texts.
				if (status === 200 && data && data.zone_text)
					showTimes(form, data);
			}, function () {});
		} catch (error) {
			// What stands in the page stays.
		}
	}

	// ---- booking --------------------------------------------------------

	function fieldsOf(form) {
		var fields = {};

		each(form.elements, function (one) {
			var off = /^(submit|button|reset|image|file)$/;

			if (!one.name || one.disabled || off.test(one.type) ||
			    one.name === "_charset_" ||
			    (/^(checkbox|radio)$/.test(one.type) &&
			     !one.checked))
				return;
			fields[one.name] = one.value;
		});
		return fields;
	}

	// The form's own way.  Not form.submit(): a field may have that name.
	function submitItself(form) {
		HTMLFormElement.prototype.submit.call(form);
	}

	// sent: the fields that this is the answer to.
	function answered(form, status, data, sent) {
		if (status >= 400) {
			// The trap was filled in: our page asks who did that.
			if (/\/form-trapped$/.test(data.type)) {
				submitItself(form);
				return;
			}
			showErrors(form, data);
			if (/\/slot-full$/.test(data.type))
				offerToWait(form, sent);
			// Full, or begun: others may still be free.
			if (status === 409 && say(form, "service"))
				fillTimes(form);
			return;
		}
		remember(form, "");
		if (data.outcome === "unconfirmed" ||
		    data.outcome === "waiting") {
			form.reset();
			form.chosenSlot = "";
			says(form, data.detail);
		} else if (data.next) {
			location.assign(data.next);
		} else if (data.outcome === "booked") {
			form.reset();
			form.chosenSlot = "";
			says(form, say(form, "done").replace("%s",
				data.reference));
		} else {
			says(form, say(form, "already"));
		}
	}

	// Behind what was said: the waiting list of the time that is full.  It
	// is joined with what was typed, or, where that cannot be, by its page.
	function offerToWait(form, sent) {
		var link = document.createElement("a");
		var busy = false;

		function leave() {
			busy = false;
			location.assign(link.href);
		}

		if (!say(form, "wait") || !say(form, "service") || !sent.slot)
			return;
		link.href = form.action.replace(/\/f\/[^\/]*$/, "") + "/s/" +
			encodeURIComponent(say(form, "service")) + "/" +
			encodeURIComponent(sent.slot) + "/wait";
		link.target = "_top";
		link.textContent = say(form, "wait");
		link.addEventListener("click", function (event) {
			if (busy) {
				event.preventDefault();
				return;
			}
			sent.wait = "yes";
			try {
				ask("POST", form.action, sent,
				    function (status, data) {
					// A site of an older version says
					// once more that it is full.
					if (!data || status === 409)
						leave();
					else
						answered(form, status, data,
							 sent);
				}, leave);
			} catch (error) {
				return;
			}
			busy = true;
			event.preventDefault();
		});
		statusOf(form).appendChild(document.createTextNode(" "));
		statusOf(form).appendChild(link);
	}

	function prepare(form) {
		var busy = false;
		var byItself = false;	// no answer came to the script
		var sent;

		statusOf(form);
		if (say(form, "service") && form.elements.slot) {
			form.chosenSlot = remembered(form);
			form.elements.slot.addEventListener("change",
				function () {
					form.chosenSlot = this.value;
					remember(form, this.value);
				});
			fillTimes(form);
		}
		form.addEventListener("submit", function (event) {
			// The button is not disabled: that would take the
			// focus away.
			if (busy) {
				event.preventDefault();
				return;
			}
			if (byItself)
				return;
			clearErrors(form);
			sent = fieldsOf(form);
			try {
				ask("POST", form.action, sent,
				    function (status, data) {
					busy = false;
					if (data)
						answered(form, status, data,
							 sent);
					else
						submitItself(form);
				}, function (late) {
					busy = false;
					byItself = late;
					// Nor would the browser get through.
					if (late || navigator.onLine === false)
						says(form, say(form, "failed"));
					else
						submitItself(form);
				});
			} catch (error) {
				return;
			}
			busy = true;
			statusOf(form).textContent = say(form, "sending");
			event.preventDefault();
		});
	}

	each(document.querySelectorAll("form.booking"), prepare);
})();
