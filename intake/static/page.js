// Everything works without this. With it, leaving also takes this page out of the history, and what was written stays on
// the page until it has arrived. Written for browsers of ten years ago.
(function () {
  'use strict';
  var escapes = 0, escapedAt = 0, sending = null, sentAt = 0;

  function one(selector) { return document.querySelector(selector); }

  function leave() {
    var link = one('.leave');
    // Emptied first: the other page may take a second to come.
    document.body.style.display = 'none';
    location.replace(link.href);
    setTimeout(function () { location.replace(link.getAttribute('data-to')); }, 1500);
  }

  function tell(id) {
    var notice = document.getElementById(id);
    notice.hidden = false;
    notice.focus();
    notice.scrollIntoView();
  }

  function show(page) {
    document.title = page.title;
    document.body.parentNode.replaceChild(document.adoptNode(page.body), document.body);
    window.scrollTo(0, 0);
    var heading = one('h1');
    if (heading) { heading.tabIndex = -1; heading.focus(); }
  }

  // A refusal leaves what was written where it is; a page that brings a new token brings it for the next try.
  function refused(page) {
    var said = page.querySelector('[role=alert]'), token = page.querySelector('[name=token]');
    if (!said) { return tell('lost'); }
    if (token) { one('[name=token]').value = token.value; }
    var notice = document.getElementById('said');
    notice.textContent = '';
    while (said.firstChild) { notice.appendChild(said.firstChild); }
    tell('said');
  }

  // Whoever finds their language after they began to write takes their words along, and the files they chose.
  function carry(page) {
    var from = one('form').elements, to = page.querySelector('form').elements, i, j;
    for (i = 0; i < from.length; i += 1) {
      for (j = 0; j < to.length; j += 1) {
        if (!from[i].name || from[i].name !== to[j].name) { continue; }
        if (from[i].type === 'file') {
          to[j].files = from[i].files;
        } else if (from[i].type !== 'checkbox') {
          to[j].value = from[i].value;
        } else if (from[i].value === to[j].value) {
          to[j].checked = from[i].checked;
        }
      }
    }
  }

  function change(link) {
    var asked = new XMLHttpRequest();
    asked.open('GET', link.href);
    asked.onload = function () {
      var page = new DOMParser().parseFromString(asked.responseText, 'text/html');
      if (!page || !page.querySelector('form')) { location.href = link.href; return; }
      carry(page);
      history.replaceState(null, '', link.href);
      document.documentElement.lang = page.documentElement.lang;
      show(page);
    };
    asked.onerror = function () { tell('lost'); };
    asked.send();
  }

  function ended(form, button, wording) {
    sending = null;
    button.textContent = wording;
    form.removeAttribute('aria-busy');
  }

  function send(event) {
    var form = event.target;
    if (!document.getElementById('lost') || !window.FormData || !window.DOMParser) { return; }
    event.preventDefault();
    // A double click is one sending; whoever presses again after a while wants a new try, and both count once.
    if (sending) {
      if (new Date() - sentAt < 10000) { return; }
      sending.onloadend = null;
      sending.abort();
    }
    var button = form.querySelector('button'), wording = button.getAttribute('data-wording') || button.textContent;
    var asked = new XMLHttpRequest();
    button.setAttribute('data-wording', wording);
    button.textContent = button.getAttribute('data-sending');
    form.setAttribute('aria-busy', 'true');
    document.getElementById('lost').hidden = document.getElementById('said').hidden = true;
    sentAt = new Date();
    sending = asked;
    asked.open('POST', form.action);
    asked.onloadend = function () {
      var page = asked.responseText && new DOMParser().parseFromString(asked.responseText, 'text/html');
      ended(form, button, wording);
      // An inn's or an airport's network may answer in our place.
      if (!page || !page.querySelector('.leave')) { tell('lost'); } else if (asked.status === 200) { show(page); } else { refused(page); }
    };
    asked.send(new FormData(form));
  }

  document.addEventListener('click', function (event) {
    var link = event.target;
    if (link.className === 'leave') {
      event.preventDefault();
      leave();
    } else if (link.href && link.parentNode.className === 'languages' && document.getElementById('lost') && window.DOMParser) {
      event.preventDefault();
      change(link);
    }
  });
  document.addEventListener('keydown', function (event) {
    // While Chinese is typed, Escape takes back a word.
    if (event.isComposing || event.keyCode === 229) { return; }
    var now = new Date(), escape = event.key === 'Escape' || event.key === 'Esc';
    escapes = !escape ? 0 : now - escapedAt < 1500 ? escapes + 1 : 1;
    escapedAt = now;
    if (escapes === 3) { leave(); }
  });
  document.addEventListener('submit', send);
}());
