// Every page of the desk works without this. With it there are keys, a clock that goes on, lists that keep up to date,
// and a sound where an officer wants one. It knows no report: what it shows came with the page.
(() => {
  "use strict";

  // What an officer chose, on this computer alone. A browser that keeps nothing starts with what the page says.
  const chosen = {
    get(name) { try { return localStorage.getItem(name); } catch { return null; } },
    set(name, value) { try { localStorage.setItem(name, value); } catch { /* It holds for this page. */ } },
  };
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Before anything is drawn: whoever wants content veiled never sees it flash by.
  const veil = chosen.get("veil") === "on";
  document.documentElement.classList.toggle("veiled-at-first", veil);
  document.documentElement.classList.add("renewed");

  // Keys. ----------------------------------------------------------------------------------------------------------
  // data-key="a" on a link, button, field, set of fields or summary: that key uses it; "g q" is one key after the other.
  // data-rows holds rows (data-row), which j and k walk through and x ticks.
  let first = "", firstAt = 0;

  function typing(target) {
    return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio])");
  }

  function use(element) {
    const folded = element.closest("details:not([open])");
    if (folded && !element.matches("summary")) folded.open = true;
    if (element.matches("summary")) {
      // A verb that stands open already is not closed by its key: whoever presses it wants to write.
      element.parentElement.open = true;
      const inside = one("input:not([type=hidden]), select, textarea", element.parentElement);
      (inside || element).focus();
    } else if (element.matches("fieldset")) {
      // A choice is come to, and left to whoever chooses.
      one("input", element).focus();
    } else if (element.matches("a, button, input[type=checkbox], input[type=radio]")) {
      element.focus();
      element.click();
    } else {
      element.focus();
      if (element.select) element.select();
    }
  }

  function walk(step) {
    const rows = all("[data-row]").filter(row => row.checkVisibility());
    if (!rows.length) return;
    const at = rows.findIndex(row => row.contains(document.activeElement));
    const row = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step))];
    (one("a[href]", row) || row).focus();
    row.scrollIntoView({ block: "nearest" });
  }

  function tick() {
    const row = document.activeElement.closest("[data-row]");
    const box = row && one("input[type=checkbox]", row);
    if (box) box.click();
  }

  // Where several have one key, such as calling back each of several units: the one after where one is.
  function next(key) {
    const usable = all("[data-key]").filter(element => element.dataset.key === key && !element.disabled);
    const at = usable.findIndex(element => element.parentElement.contains(document.activeElement));
    return usable[(at + 1) % usable.length];
  }

  // Whoever leaves what they write in stands at its verb: what they wrote is kept, and keys are keys again.
  function leave(field) {
    const verb = field.closest("details")?.querySelector("summary");
    if (verb) verb.focus(); else field.blur();
  }

  const own = { j: () => walk(1), k: () => walk(-1), x: tick, "?": showKeys };

  function pressed(event) {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape" && typing(event.target)) { leave(event.target); return; }
    if (typing(event.target) || one("dialog[open]") || chosen.get("keys") === "off") return;
    const key = event.key.length === 1 ? event.key : "";
    const pair = event.timeStamp - firstAt < 1500 ? `${first} ${key}` : "";
    const found = (pair && next(pair)) || next(key);
    first = key; firstAt = event.timeStamp;
    if (!key || !(found || own[key])) return;
    event.preventDefault();
    if (found) use(found); else own[key]();
  }

  // What `?` shows: the keys of every page are written there; those of this page are read off it.
  function showKeys() {
    const list = one("#keys dl");
    all("[data-key]").forEach(element => {
      const name = (element.dataset.keyName || element.getAttribute("aria-label") || element.innerText || "").trim();
      if (!name || all("dt", list).some(term => term.dataset.for === element.dataset.key)) return;
      const term = document.createElement("dt"), said = document.createElement("dd");
      term.dataset.for = element.dataset.key;
      element.dataset.key.split(" ").forEach(key => {
        term.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
      });
      said.textContent = name.replace(/\s+/g, " ");
      list.append(term, said);
    });
    one("#keys").showModal();
  }

  // The server's clock, carried on by how long the page has stood, whatever the officer's own clock says. -----------
  function goOn() {
    const clock = one("time[data-clock]");
    if (!clock) return;
    const started = Date.parse(clock.getAttribute("datetime")) - performance.now();
    const shown = new Intl.DateTimeFormat("en-GB", {
      timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    });
    setInterval(() => { clock.textContent = shown.format(started + performance.now()); }, 5000);
  }

  // Lists that keep up to date, and what is new in them. -------------------------------------------------------------
  // data-alarms names what is to be heard of, the newest first; whatever is named for the first time is new. What was
  // named on an earlier page of this window is known on the next, so that nothing new is missed on the way between them.
  let known = null, unseen = 0, title = document.title, sound = null, owed = false;

  const remembered = {
    get() { try { return JSON.parse(sessionStorage.getItem("alarms")); } catch { return null; } },
    set(names) { try { sessionStorage.setItem("alarms", JSON.stringify(names)); } catch { /* It holds for this page. */ } },
    forget() { try { sessionStorage.removeItem("alarms"); } catch { /* Nothing was kept. */ } },
  };

  // How many are new. Where only the newest are named, those behind all that are known have moved up from further back.
  function fresh() {
    const place = one("[data-alarms]");
    if (!place) return 0;
    const named = place.dataset.alarms.split(" ").filter(Boolean);
    const last = known ? named.findLastIndex(name => known.includes(name)) : -1;
    const moved = place.hasAttribute("data-alarms-cut") && last >= 0;
    const found = known ? named.filter((name, at) => !known.includes(name) && (at < last || !moved)) : [];
    known = [...new Set([...named, ...(known || [])])].slice(0, 500);
    remembered.set(known);
    return found.length;
  }

  function ring() {
    // Whoever wants to hear it hears it as soon as the browser lets the page sound.
    if (!sound || sound.state !== "running") { owed = true; return; }
    [0, 0.25, 0.5].forEach((after, number) => {
      const tone = sound.createOscillator(), loud = sound.createGain(), at = sound.currentTime + after;
      tone.frequency.value = number === 1 ? 660 : 880;
      loud.gain.setValueAtTime(0.0001, at);
      loud.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
      tone.connect(loud).connect(sound.destination);
      tone.start(at);
      tone.stop(at + 0.22);
    });
  }

  // Says what is new. Returns the title that the page should have now.
  function announce() {
    const number = fresh(), place = one("[data-announce]");
    if (number && place) {
      place.textContent = place.dataset.announce.replace("{number}", number);
      if (!document.hasFocus()) unseen += number;
      if (chosen.get("sound") === "on") ring();
    }
    return unseen && place ? `(${unseen}) ${place.textContent}` : title;
  }

  function heard(event) {
    const { ctx } = event.detail;
    title = ctx.title || title;
    // The title is set from here once the event is over.
    ctx.title = announce();
  }

  function seen() {
    if (unseen) document.title = title;
    unseen = 0;
  }

  function mayRing() {
    sound ||= new AudioContext();
    sound.resume().then(() => { if (owed) { owed = false; ring(); } });
  }

  function offerSound() {
    const button = one("[data-sound]");
    const show = () => {
      const on = chosen.get("sound") === "on";
      button?.setAttribute("aria-pressed", String(on));
      // A browser lets a page sound only after somebody has touched it.
      if (on) ["pointerdown", "keydown"].forEach(name => addEventListener(name, mayRing, { once: true }));
    };
    if (button) button.hidden = false;
    button?.addEventListener("click", () => {
      chosen.set("sound", chosen.get("sound") === "on" ? "off" : "on");
      show();
      if (chosen.get("sound") === "on") { owed = true; mayRing(); }
    });
    show();
  }

  // Whose session is over is sent to sign in; where they were writing, what they wrote stays, and nothing else does.
  function leaveDesk() {
    const ended = one("#ended"), main = one("main");
    const written = all("[name=reason], [name=words], textarea[readonly]", main).filter(field => field.value.trim());
    if (!ended || !written.length) { location.reload(); return; }
    const kept = written.map((field, at) => {
      const label = document.createElement("label"), copy = document.createElement("textarea"), row = document.createElement("p");
      label.textContent = field.labels[0]?.textContent.trim() || "";
      label.htmlFor = copy.id = `kept${at || ""}`;
      copy.value = copy.defaultValue = field.value;
      copy.readOnly = true;
      copy.rows = 3;
      row.append(label, copy);
      return row;
    });
    main.replaceChildren(ended.content.cloneNode(true), ...kept);
    one(".who")?.remove();
    main.focus();
  }

  // An answer that is another page, or none, takes the place of nothing.
  function answered(event) {
    const { response } = event.detail.ctx;
    const late = one("[data-late]");
    const isOver = response.raw.redirected && new URL(response.raw.url).pathname === "/sign-in";
    if (isOver) leaveDesk();
    if (late) late.hidden = response.status === 200;
    if (isOver || response.status !== 200) event.preventDefault();
  }

  // Choices. ---------------------------------------------------------------------------------------------------------
  function keep(selector, name, fallback) {
    const box = one(selector);
    if (!box) return;
    box.checked = (chosen.get(name) || fallback) === "on";
    box.addEventListener("change", () => { chosen.set(name, box.checked ? "on" : "off"); showLetters(); });
    showLetters();
  }

  // A verb's letter is seen beside it for as long as letters are keys.
  function showLetters() {
    document.documentElement.classList.toggle("lettered", chosen.get("keys") !== "off");
  }

  // Where a row of links is longer than a telephone is wide, the one of this page is in sight.
  function showWhere() {
    all("nav [aria-current]").forEach(here => {
      const row = here.closest("nav"), hidden = here.getBoundingClientRect().right - row.getBoundingClientRect().right;
      if (hidden > 0) row.scrollLeft += hidden + 24;
    });
  }

  addEventListener("DOMContentLoaded", () => {
    document.documentElement.classList.add("scripted");
    showWhere();
    keep("#veil", "veil", "off");
    keep("#single-keys", "keys", "on");
    document.documentElement.classList.remove("veiled-at-first");
    goOn();
    offerSound();
    title = document.title;
    known = remembered.get();
    // Whoever sits down next is told nothing of what the last one saw.
    one("form[action='/sign-out']")?.addEventListener("submit", remembered.forget);
    document.title = announce();
    // What would keep the page up to date may not have come.
    document.documentElement.classList.toggle("renewed", "htmx" in window);
    const help = one("[data-keys]");
    if (help) { help.hidden = false; help.addEventListener("click", showKeys); }
    const print = one("[data-print]");
    if (print) { print.hidden = false; print.addEventListener("click", () => window.print()); }
    addEventListener("keydown", pressed);
    addEventListener("focus", seen);
    // What was wrong with a form comes first, for whoever hears the page as for whoever never leaves the keyboard.
    one("#faults")?.focus();
    document.addEventListener("htmx:before:response", answered);
    document.addEventListener("htmx:error", () => { const late = one("[data-late]"); if (late) late.hidden = false; });
    document.addEventListener("htmx:after:swap", heard);
  });
})();
