"use strict";
// The page as something to play with. There are no rules of a game here: moves, the positions after them, results and what each move
// loses come from the data block, and so does what every policy plays (bench/report/explorable/pack.py writes it). The graph holds one
// state for all its mirror images; `turn` says by which symmetry a move leads to the state that is held, so that the board stays put.
(async () => {
  const byId = (id) => document.getElementById(id);
  const NOTHING = 0xffff;
  const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i1: Int8Array, i2: Int16Array };
  const SVG = "http://www.w3.org/2000/svg";

  // ---- the data ----

  const unpack = async (text) => {
    const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const whole = await new Response(stream).arrayBuffer();
    const length = new DataView(whole).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(whole.slice(4, 4 + length)));
    let at = 4 + length;
    for (const [name, type, size] of header.arrays) {
      const bytes = size * TYPES[type].BYTES_PER_ELEMENT;
      header[name] = new TYPES[type](whole.slice(at, at + bytes));
      at += bytes;
    }
    return header;
  };
  const starts = (counts) => {
    const found = new Uint32Array(counts.length + 1);
    counts.forEach((count, i) => { found[i + 1] = found[i] + count; });
    return found;
  };

  const game = await unpack(byId("data").textContent);
  const edgeStart = starts(game.moves);
  const nSymmetries = Math.sqrt(game.turns.length);
  const nCells = game.cells ? game.cells.length / game.moves.length : 0;
  const paths = game.paths.map((path, number) => {
    const own = (name) => game[`${name}${number}`];
    const masks = [];
    for (let byte = 0; own(`runMoves${byte}.`); byte += 1) masks.push(own(`runMoves${byte}.`));
    const orders = starts(path.steps.map((step) => (path.isList ? step.size : 0)));
    return { ...path, number, masks, runStart: starts(own("runs")), runStep: own("runStep"), runRule: own("runRule"),
      order: (step) => [...own("order").slice(orders[step], orders[step + 1])],
      examples: (kind, step) => {
        const each = own(kind).length / path.steps.length;
        return [...own(kind).slice(each * step, each * (step + 1))].filter((state) => state !== NOTHING);
      } };
  });

  const isOver = (state) => game.moves[state] === 0;
  const edgesOf = (state) => Array.from({ length: game.moves[state] }, (_, i) => edgeStart[state] + i);
  const image = (symmetry, action) => game.actionImages[symmetry * game.nActions + action];
  const inverse = Array.from({ length: nSymmetries }, () => null);
  const actionOf = (edge, symmetry) => {  // the move as it is made on the board that is shown
    if (!inverse[symmetry]) {
      inverse[symmetry] = new Int32Array(game.nActions).fill(-1);
      for (let action = 0; action < game.nActions; action += 1) inverse[symmetry][image(symmetry, action)] = action;
    }
    return inverse[symmetry][game.action[edge]];
  };
  const content = (position, place) => {
    const cell = game.views[position.seat * nCells + place];
    return game.cells[position.state * nCells + game.cellImages[position.symmetry * nCells + cell]];
  };
  const after = (position, edge) => ({
    state: game.child[edge],
    symmetry: game.turns[game.turn[edge] * nSymmetries + position.symmetry],
    seat: 1 - position.seat,
  });
  const decision = (path, step, state) => {  // the moves that a policy may play, and the rule that decides
    let run = path.runStart[state + 1] - 1;
    while (path.runStep[run] > step) run -= 1;
    const edges = edgesOf(state).filter((_, i) => (path.masks[i >> 3][run] >> (i & 7)) & 1);
    return { edges, rule: path.runRule[run] - 1 };
  };

  // ---- words ----

  const nameOf = (position, edge) => game.names[position.seat][actionOf(edge, position.symmetry)];
  const plural = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  const RESULTS = new Map([[1, "a win"], [0, "a draw"], [-1, "a loss"]]);
  const lossInWords = (edge, state) => {
    const lost = game.regret[edge];
    if (!lost) return "nothing";
    if (game.counts) return plural(lost, "point");
    return `${lost}: ${RESULTS.get(game.value[state] - lost)} in place of ${RESULTS.get(game.value[state])}`;
  };
  const listed = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`);
  const numberOf = (path, step, rule) => path.order(step).indexOf(rule) + 1;

  // ---- drawing ----

  const draw = (tag, attributes, text = "") => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    return made;
  };
  const spots = new Map(game.places.map(([place, x, y], i) => [place, { x, y, label: game.labels[i] }]));
  const pieces = (position) => {
    const found = [];
    for (const [place, { x, y }] of spots) {
      const value = content(position, place);
      if (game.kind === "heaps") {
        for (let i = 0; i < value; i += 1) found.push(draw("use", { href: "#piece-0", x, y: y - 0.5 * i, "data-stick": `${place},${value - i}` }));
      } else if (game.kind === "pits" || value > 2) {
        found.push(draw("text", { x, y }, value));
      } else if (value) {
        found.push(draw("use", { href: `#piece-${value === 1 ? position.seat : 1 - position.seat}`, x, y }));
      }
    }
    const ko = game.ko < 0 ? 0 : game.cells[position.state * nCells + game.ko];
    for (const [place, { x, y }] of ko ? spots : []) if (image(position.symmetry, place) === ko - 1) found.push(draw("text", { x, y }, "ko"));
    return found;
  };
  const mark = (edge, { x, y }) => (game.regret[edge]
    ? draw("text", { x, y, class: "loss some" }, `−${game.regret[edge]}`) : draw("use", { href: "#mark-good", x, y }));
  const target = (position, action) => game.targets[position.seat][action];

  // ---- what the reader has chosen ----

  let path = paths[0];
  let step = path.start;
  let you = 0;
  let isHinting = false;
  let waiting = 0;
  let history = [{ position: { state: 0, symmetry: 0, seat: 0 } }];  // after each move: the position, and what is told of the move

  const size = byId("size");
  const list = () => document.querySelector(`ol.rules[data-path="${path.number}"]`);
  const here = () => history.at(-1).position;

  const choosePath = (number) => {
    path = paths[number];
    step = Math.min(path.start, path.steps.length - 1);
    for (const each of document.querySelectorAll("ol.rules[data-path]")) each.hidden = Number(each.dataset.path) !== number || !path.isList;
    size.max = path.steps.length - 1;
    byId("size-label").textContent = path.isList ? "Rules" : "Hidden units";
    byId("list-title").textContent = path.isList ? "The list" : "The network";
    byId("how").textContent = path.isList
      ? "Go down the list. At the first rule that some legal move satisfies, play any move that satisfies it. A move that …"
      : "A network has no rules to read: it gives every move a score, and plays the move with the highest.";
    byId("stones").hidden = !path.isList;
    byId("otherwise").textContent = path.isList ? "Where no rule applies: any legal move." : "";
    const at = (i) => (1000 * i) / (path.steps.length - 1);
    byId("ticks").replaceChildren(...path.ticks.map(([share, n]) => {
      const tick = Object.assign(document.createElement("span"), { textContent: n });
      tick.style.setProperty("--at", share);
      return tick;
    }));
    const curve = (key) => path.steps.map((each, i) => [i, each[key]]).filter(([, value]) => value !== null)
      .map(([i, value], n) => `${n ? "L" : "M"}${at(i).toFixed(1)} ${(100 - 100 * value).toFixed(2)}`).join("");
    byId("line").setAttribute("d", curve("left"));
    byId("area").setAttribute("d", `${curve("left")}V100H0Z`);
    byId("bound").setAttribute("d", curve("bound"));
    showStep();
  };

  const showStep = () => {
    const shown = path.steps[step];
    size.value = step;
    size.setAttribute("aria-valuetext", shown.name);
    byId("size-text").textContent = shown.name;
    byId("now").style.setProperty("--at", step / (path.steps.length - 1));
    byId("now").style.setProperty("--left", shown.left);
    byId("left-text").textContent = shown.leftText;
    byId("bits").textContent = shown.bits === null ? "" : ` · ${shown.bits.toLocaleString("en")} bits`;
    byId("gained").style.width = `${100 - 100 * shown.left}%`;
    byId("proved").hidden = shown.bound === null;
    byId("proved").style.left = `${100 - 100 * shown.bound}%`;
    byId("bound-text").textContent = shown.boundText;
    byId("grades").textContent = shown.grades;
    if (path.isList) showList();
    showRivals();
    for (const kind of ["right", "wrong"]) showExample(kind, 0);
    showPosition();
  };

  const showList = () => {
    const before = new Set(step ? path.order(step - 1) : []);
    list().replaceChildren(...path.order(step).map((rule) => {
      const item = document.createElement("li");
      item.dataset.rule = rule;
      item.innerHTML = path.rules[rule];
      item.classList.toggle("new", step > 0 && !before.has(rule));
      return item;
    }));
    const fresh = list().querySelector(".new");
    if (fresh) list().scrollTop = fresh.offsetTop - list().offsetTop - list().clientHeight / 2;
  };

  const showRivals = () => {  // of every path the best policy that is no longer than the one shown; bits are known where it was measured
    const limit = path.steps[step].bits;
    const found = limit === null ? [] : paths.flatMap((each) => {
      const best = each.steps.filter(({ bits }) => bits !== null && bits <= limit).sort((a, b) => a.left - b.left)[0];
      return best ? [[each.label, best.name, best.bits.toLocaleString("en"), best.leftText]] : [];
    });
    byId("rivals").hidden = paths.length < 2 || found.length < 2;
    if (byId("rivals").hidden) return;
    byId("rivals-title").textContent = `The best in ${limit.toLocaleString("en")} bits or fewer:`;
    byId("rivals").querySelector("tbody").replaceChildren(...found.map(rowOf));
  };
  const rowOf = (texts) => {
    const row = document.createElement("tr");
    row.append(...texts.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
    return row;
  };

  const showExample = (kind, number) => {
    const figure = byId(kind);
    const states = path.examples(kind, step);
    figure.hidden = states.length === 0;
    if (figure.hidden) return;
    figure.dataset.number = number;
    const state = states[number % states.length];
    const position = { state, symmetry: 0, seat: game.mover[state] };
    const { edges, rule } = decision(path, step, state);
    const frame = figure.querySelector(".frame");
    if (game.texts.length) {
      const text = document.createElement("pre");
      text.className = "text";
      text.textContent = game.texts[state];
      frame.replaceChildren(text);
    } else {
      const board = byId("board").cloneNode(false);
      board.removeAttribute("id");
      board.setAttribute("role", "img");
      board.setAttribute("aria-label", `${game.players[position.seat]} to move`);
      board.append(...[...byId("board").children].filter((part) => !part.classList.contains("pieces")).map(plainCopy), ...pieces(position));
      for (const edge of edges) {
        const spot = spots.get(target(position, game.action[edge]));
        if (spot) board.append(mark(edge, spot));
      }
      frame.replaceChildren(board);
    }
    const names = edges.map((edge) => nameOf(position, edge));
    const worst = Math.max(...edges.map((edge) => game.regret[edge]));
    const best = edgesOf(state).filter((edge) => game.regret[edge] === 0).map((edge) => nameOf(position, edge));
    const who = rule >= 0 ? `Rule ${numberOf(path, step, rule)}` : path.isList ? "No rule applies; it" : "The network";
    const plays = names.length < 4 ? listed(names) : `one of ${names.length} moves`;
    const verdict = worst ? `which ${names.length > 1 ? "may lose" : "loses"} ${worst}. Best: ${best.slice(0, 4).join(", ")}.` : "and loses nothing.";
    figure.querySelector("figcaption").textContent = `${game.players[position.seat]} to move. ${who} plays ${plays}, ${verdict}`;
    figure.querySelector(".next").hidden = states.length < 2;
  };
  const plainCopy = (part) => {
    const copy = part.cloneNode(true);
    for (const name of ["role", "tabindex", "aria-label"]) copy.removeAttribute(name);
    return copy;
  };

  // ---- play ----

  const play = (edge, rule = null) => {
    const position = here();
    const who = position.seat === you && rule === null ? "you" : path.isList ? "the list" : "the network";
    const why = rule === null ? "" : rule >= 0 ? `rule ${numberOf(path, step, rule)} of ${path.steps[step].size}`
      : path.isList ? "no rule applies: any move" : path.steps[step].name;
    history.push({ position: after(position, edge), edge, before: position, who, why, rule });
    proceed();
  };
  const letPolicyMove = () => {
    const { edges, rule } = decision(path, step, here().state);
    play(edges[Math.floor(Math.random() * edges.length)], rule);
  };
  const proceed = () => {
    clearTimeout(waiting);
    showPosition();
    if (!isOver(here().state) && here().seat !== you) {
      waiting = setTimeout(letPolicyMove, matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 450);
    }
  };
  const restart = () => {
    history = history.slice(0, 1);
    proceed();
  };
  const undo = () => {  // to the reader's move before
    clearTimeout(waiting);
    do history.pop(); while (history.length > 1 && here().seat !== you);
    if (!history.length) history = [{ position: { state: 0, symmetry: 0, seat: 0 } }];
    proceed();
  };

  const isYours = () => here().seat === you && !isOver(here().state);

  const showPosition = () => {
    showBoard();
    showMoves();
    showLog();
    byId("status").textContent = statusText();
    byId("undo").disabled = !history.some((entry) => entry.who && entry.before.seat === you);
    byId("hint").disabled = byId("instead").disabled = !isYours();
    for (const item of document.querySelectorAll(".rules .fired")) item.classList.remove("fired");
    const last = [...history].reverse().find((entry) => entry.rule !== null && entry.rule !== undefined);
    if (last && last.rule >= 0 && path.isList) list().querySelector(`[data-rule="${last.rule}"]`)?.classList.add("fired");
  };

  const movesByPlace = () => {
    const found = new Map();
    for (const edge of isYours() ? edgesOf(here().state) : []) {
      const place = target(here(), actionOf(edge, here().symmetry));
      if (game.kind !== "heaps") found.set(place, [...(found.get(place) ?? []), edge]);
    }
    return found;
  };
  const standing = (position, place) => {
    const value = content(position, place);
    if (game.kind === "pits") return plural(value, "seed");
    if (game.kind === "dominoes") return value ? "taken" : "empty";
    return value === 0 ? "empty" : value > 2 ? String(value) : game.players[value === 1 ? position.seat : 1 - position.seat];
  };

  const showBoard = () => {
    const board = byId("board");
    const position = here();
    if (game.texts.length) {
      board.textContent = `${game.texts[position.state]}\n${isOver(position.state) ? "" : `${game.players[position.seat]} to move`}`;
      return;
    }
    const made = pieces(position);
    const before = history.at(-1).before;
    if (before) {
      for (const [place, { x, y }] of spots) {
        const [was, is] = [before, position].map((each) => standing(each, place));
        if (was !== is && game.kind !== "heaps") made.push(draw("circle", { class: "last", cx: x, cy: y, r: 0.48 }));
      }
    }
    const moves = movesByPlace();
    for (const shape of board.querySelectorAll(".place")) {
      const place = Number(shape.dataset.place);
      const edges = moves.get(place);
      const loses = isHinting && edges ? `, loses ${Math.min(...edges.map((edge) => game.regret[edge]))}` : "";
      shape.setAttribute("aria-label", `${spots.get(place).label}: ${standing(position, place)}${edges ? `, play here${loses}` : ""}`);
      shape.setAttribute("role", edges ? "button" : "img");
      if (edges) shape.setAttribute("tabindex", 0); else shape.removeAttribute("tabindex");
      if (isHinting && edges) {
        const { x, y } = spots.get(place);
        const lost = Math.min(...edges.map((edge) => game.regret[edge]));
        made.push(draw("text", { x, y: game.kind === "pits" ? y + 0.28 : y, class: `loss ${lost ? "some" : "none"}` }, lost ? `−${lost}` : "0"));
      }
    }
    board.querySelector(".pieces").replaceChildren(...made);
    if (game.kind === "heaps") showSticks(board);
  };
  const showSticks = (board) => {
    const position = here();
    const largest = game.nActions / spots.size;
    for (const stick of board.querySelectorAll("[data-stick]")) {
      const [heap, taken] = stick.dataset.stick.split(",").map(Number);
      const edge = isYours() ? edgesOf(position.state).find((each) => actionOf(each, position.symmetry) === heap * largest + taken - 1) : undefined;
      if (edge === undefined) continue;
      stick.classList.add("stick");
      stick.dataset.edge = edge;
      stick.setAttribute("role", "button");
      stick.setAttribute("tabindex", 0);
      stick.setAttribute("aria-label", nameOf(position, edge) + (isHinting ? `, loses ${game.regret[edge]}` : ""));
      if (isHinting) board.querySelector(".pieces").append(draw("text", { x: stick.getAttribute("x"), y: stick.getAttribute("y"),
        class: `loss ${game.regret[edge] ? "some" : "none"}` }, game.regret[edge] ? `−${game.regret[edge]}` : "0"));
    }
  };

  // Moves that no place of the board stands for, or those that lead to the place that was chosen.
  const showMoves = (edges = movesByPlace().get(-1) ?? []) => {
    const position = here();
    byId("moves").replaceChildren(...edges.map((edge) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.edge = edge;
      button.textContent = nameOf(position, edge) + (isHinting ? ` (loses ${game.regret[edge]})` : "");
      return button;
    }));
  };
  const choosePlace = (place) => {
    const edges = movesByPlace().get(place) ?? [];
    if (edges.length === 1) play(edges[0]);
    if (edges.length > 1) {
      showMoves(edges);
      byId("status").textContent = "Which one?";
      byId("moves").firstChild.focus();
    }
  };

  const showLog = () => {
    byId("log").replaceChildren(...history.slice(1).map((entry, i) => {
      const lost = lossInWords(entry.edge, entry.before.state);
      const row = rowOf([i + 1, `${game.players[entry.before.seat]}, ${entry.who}`, nameOf(entry.before, entry.edge), entry.why, lost]);
      if (game.regret[entry.edge]) row.lastChild.className = "lost";
      return row;
    }));
    const scroll = byId("log").closest(".scroll");
    scroll.scrollTop = scroll.scrollHeight;
  };

  const statusText = () => {
    const { position, edge, before, who, rule } = history.at(-1);
    const policy = path.isList ? "the list" : "the network";
    const told = [];
    if (edge !== undefined && rule !== null) {
      const name = nameOf(before, edge);
      if (path.isList) told.push(rule >= 0 ? `Rule ${numberOf(path, step, rule) || "that is gone"} played ${name}.` : `No rule applied: it played ${name} at random.`);
      else told.push(`It played ${name}.`);
    }
    if (edge !== undefined && game.regret[edge]) told.push(`${who === "you" ? "You lost" : "That lost"} ${lossInWords(edge, before.state)}.`);
    if (isOver(position.state)) {
      const payoff = game.value[position.state];
      const winner = payoff > 0 ? position.seat : 1 - position.seat;
      const by = game.counts && payoff ? ` by ${plural(Math.abs(payoff), "point")}` : "";
      told.push(payoff === 0 ? "A draw." : winner === you ? `You win${by}.` : `You lose${by}; ${policy} wins.`);
      const sums = [0, 0];
      for (const entry of history.slice(1)) sums[entry.before.seat === you ? 0 : 1] += game.regret[entry.edge];
      told.push(`Lost against perfect play: you ${sums[0]}, ${policy} ${sums[1]}.`);
      return told.join(" ");
    }
    const seen = history.filter((entry) => entry.position.state === position.state && entry.position.symmetry === position.symmetry).length;
    if (game.endless && seen > 1) told.push("This position has come up before; play without end is worth 0.");
    told.push(isYours() ? "Your move." : `It is the turn of ${policy}.`);
    return told.join(" ");
  };

  // ---- the reader's hand ----

  size.addEventListener("input", () => { step = Number(size.value); showStep(); });
  byId("curve").addEventListener("click", (event) => {
    const box = byId("curve").getBoundingClientRect();
    const at = Math.round(((event.clientX - box.left) / box.width) * (path.steps.length - 1));
    step = Math.max(0, Math.min(path.steps.length - 1, at));
    showStep();
  });
  for (const input of document.querySelectorAll("input[name=path]")) {
    input.addEventListener("change", () => choosePath(Number(input.value)));
  }
  for (const kind of ["right", "wrong"]) {
    byId(kind).querySelector(".next").addEventListener("click", () => showExample(kind, Number(byId(kind).dataset.number) + 1));
  }
  for (const input of document.querySelectorAll("input[name=seat]")) {
    input.addEventListener("change", () => { you = Number(input.value); restart(); });
  }
  byId("new").addEventListener("click", restart);
  byId("undo").addEventListener("click", undo);
  byId("instead").addEventListener("click", letPolicyMove);
  byId("hint").addEventListener("click", () => {
    isHinting = !isHinting;
    byId("hint").setAttribute("aria-pressed", isHinting);
    showPosition();
  });
  const choose = (chosen) => {
    if (chosen.dataset.edge !== undefined) play(Number(chosen.dataset.edge));
    else if (chosen.dataset.place !== undefined) choosePlace(Number(chosen.dataset.place));
  };
  const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  byId("board").addEventListener("click", (event) => {
    const chosen = event.target.closest('[role="button"]');
    if (chosen) choose(chosen);
  });
  byId("moves").addEventListener("click", (event) => {
    const chosen = event.target.closest("button");
    if (chosen) choose(chosen);
  });
  byId("board").addEventListener("keydown", (event) => {
    const chosen = event.target.closest('[role="button"]');
    if (!chosen) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(chosen);
    } else if (DIRECTIONS[event.key]) {
      event.preventDefault();
      neighbour(chosen, DIRECTIONS[event.key])?.focus();
    }
  });
  const neighbour = (chosen, [right, down]) => {  // the nearest place in that direction that can be played
    const middle = (shape) => { const box = shape.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; };
    const [x, y] = middle(chosen);
    const far = (shape) => {
      const [dx, dy] = middle(shape).map((value, i) => value - [x, y][i]);
      const ahead = right ? dx * right : dy * down;
      return ahead < 1 ? Infinity : ahead + 3 * Math.abs(right ? dy : dx);
    };
    const others = [...byId("board").querySelectorAll('[role="button"]')].filter((shape) => far(shape) < Infinity);
    return others.sort((a, b) => far(a) - far(b))[0];
  };
  choosePath(0);
})();
