(function () {
  "use strict";
  var root = document.documentElement, panel = document.getElementById("panel");
  function speak(lang) {
    root.dataset.lang = lang;
    root.lang = lang === "zh" ? "zh-Hans" : "en";
    try { localStorage.setItem("minilateral-lang", lang); } catch (e) { /* a page from a file may have no storage */ }
  }
  document.querySelectorAll("[data-set]").forEach(function (button) {
    button.addEventListener("click", function () { speak(button.dataset.set); });
  });
  var asked = new URLSearchParams(location.search).get("lang");
  if (asked === "zh" || asked === "en") { speak(asked); }

  var byNumber = {};
  document.querySelectorAll(".act[data-i]").forEach(function (act) { byNumber[act.dataset.i] = act; });
  function numbers(text) {
    var found = [];
    (text || "").split(",").filter(Boolean).forEach(function (span) {
      var ends = span.split("-").map(Number);
      for (var n = ends[0]; n <= (ends.length > 1 ? ends[1] : ends[0]); n++) { found.push(n); }
    });
    return found;
  }
  function open(rows, title, how, basis) {
    var list = document.getElementById("panel-rows");
    list.textContent = "";
    rows.forEach(function (act) {
      var copy = act.cloneNode(true);
      copy.removeAttribute("id");
      copy.hidden = false;
      list.appendChild(copy);
    });
    document.getElementById("panel-number").textContent = title;
    document.getElementById("panel-rows-title").hidden = !title;
    document.getElementById("panel-row-title").hidden = Boolean(title);
    document.getElementById("panel-how").textContent = how || "";
    document.getElementById("panel-how").parentNode.hidden = !how;
    document.getElementById("panel-basis").textContent = basis || "";
    panel.showModal();
    panel.scrollTop = 0;
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    if (link.classList.contains("num")) {
      event.preventDefault();
      open(numbers(link.dataset.r).map(function (n) { return byNumber[n]; }).filter(Boolean),
        link.textContent, link.dataset.how, link.dataset.n);
      return;
    }
    var target = link.getAttribute("href") || "";
    if (target.indexOf("#act-") === 0) {
      var act = document.getElementById(target.slice(1));
      if (act) { event.preventDefault(); open([act], "", "", ""); }
    }
  });
  document.getElementById("panel-close").addEventListener("click", function () { panel.close(); });
  panel.addEventListener("click", function (event) { if (event.target === panel) { panel.close(); } });

  document.querySelectorAll(".figure a[href^='#act-']").forEach(function (link) {
    var act = document.getElementById(link.getAttribute("href").slice(1));
    if (!act) { return; }
    var title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    function name() {
      title.textContent = act.querySelector("time [lang=" + root.dataset.lang + "]").textContent + " · " +
        act.querySelector(".summary [lang=" + root.dataset.lang + "]").textContent;
    }
    link.addEventListener("mouseenter", name);
    link.appendChild(title);
  });

  var box = document.getElementById("filter"), said = document.getElementById("filtered");
  box.addEventListener("input", function () {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    document.querySelectorAll("#rows .act").forEach(function (act) {
      var text = act.textContent.toLowerCase();
      act.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
      shown += act.hidden ? 0 : 1;
    });
    said.textContent = words.length ? String(shown) : "";
    if (words.length && document.getElementById("context")) { document.getElementById("context").open = true; }
  });
  function reveal() {
    var at = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var folded = at && at.closest("details");
    if (folded) { folded.open = true; at.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);
  reveal();
})();
