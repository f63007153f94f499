/* Charts drawn from the tables that stand behind them. Without this script, or without ECharts, the tables are read. */
(function () {
  "use strict";

  const PAGE = {
    series: ["#14509f", "#e6a100", "#17743a", "#7a4fa3"],
    tones: { green: "#17743a", amber: "#e6a100", red: "#b3261e", grey: "#828c99" },
    ink: "#1d2733",
    muted: "#55616f",
    line: "#d3dae5",
  };
  const WALL = {
    series: ["#5aa2ff", "#ffc440", "#4fd08a", "#c49bf0"],
    tones: { green: "#4fd08a", amber: "#ffc440", red: "#ff7a70", grey: "#93a3bf" },
    ink: "#e8f0fb",
    muted: "#b9c9e4",
    line: "#27457c",
  };
  const MOST = document.body.classList.contains("wall") ? 15 : 30; // all townships of a county on a page; a wall has no room to roll
  const FONT = '"Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';
  const charts = new Map();

  function isWall() {
    return document.body.classList.contains("wall");
  }

  function numberOf(cell) {
    return cell.dataset.number === "" ? null : Number(cell.dataset.number);
  }

  /* Heads, rows and links as they stand in the table; of many rows the first. */
  function read(table) {
    const heads = [...table.querySelectorAll("thead th")].slice(1);
    const places = heads.map((head, place) => place).filter((place) => "drawn" in heads[place].dataset);
    const all = [...table.querySelectorAll("tbody tr")].map((row) => {
      const cells = [...row.querySelectorAll("td")];
      return {
        label: row.querySelector("th").textContent.trim(),
        url: row.querySelector("th a")?.href,
        numbers: places.map((place) => numberOf(cells[place])),
        urls: places.map((place) => cells[place].querySelector("a")?.href),
      };
    });
    return { heads: places.map((place) => heads[place].dataset), all };
  }

  /* Of many bars the longest; what is piled up stands in an order of its own. */
  function shown(kind, all) {
    if (kind === "line" || kind === "columns" || kind === "piled" || all.length <= MOST) {
      return all;
    }
    const longest = kind === "bar" ? [...all].sort((one, other) => (other.numbers[0] || 0) - (one.numbers[0] || 0)) : all;
    return longest.slice(0, MOST);
  }

  function short(value) {
    return Math.abs(value) >= 10000 ? Math.round(value / 1000) / 10 + "万" : String(value);
  }

  function exact(value) {
    return value === null || value === undefined ? "—" : Number(value).toLocaleString("zh-CN");
  }

  function seriesOf(kind, heads, rows, colours) {
    const isPiled = kind === "stack" || kind === "piled";
    return heads.map((head, place) => ({
      name: head.label,
      type: kind === "line" ? "line" : "bar",
      stack: isPiled ? "all" : undefined,
      data: rows.map((row) => row.numbers[place]),
      color: colours.tones[head.tone] || colours.series[place % colours.series.length],
      barMaxWidth: 22,
      symbolSize: 7,
      lineStyle: { width: 2, type: place ? "dashed" : "solid" },
      label: {
        show: kind === "bar",
        position: "right",
        color: colours.ink,
        fontSize: 11,
        formatter: (point) => (point.value === null ? "" : short(point.value)),
      },
    }));
  }

  function axesOf(isAcross, labels, unit, colours, isNarrow) {
    const words = { color: colours.ink };
    const names = {
      type: "category",
      data: labels,
      inverse: isAcross,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
      axisLabel: isAcross ? { ...words, width: isNarrow ? 112 : 170, overflow: "truncate" } : { ...words, hideOverlap: true },
    };
    const numbers = {
      type: "value",
      name: unit,
      nameGap: isAcross ? 6 : 12,
      nameTextStyle: { color: colours.muted },
      axisLabel: { ...words, formatter: short, hideOverlap: true },
      splitLine: { lineStyle: { color: colours.line } },
      minInterval: unit === "元" || unit === "%" || unit === "工作日" ? 0 : 1,
    };
    return isAcross ? { xAxis: numbers, yAxis: names } : { xAxis: names, yAxis: numbers };
  }

  function optionOf(kind, read_, rows, colours, width) {
    const isAcross = kind === "bar" || kind === "stack";
    const isPiled = kind === "stack" || kind === "piled";
    const labels = rows.map((row) => (isAcross ? row.label : row.label.replace(/^(\d{2})(\d{2})年(\d+)月$/, "$2-$3")));
    const unit = [...new Set(read_.heads.map((head) => head.unit))].join("、");
    const units = new Map(read_.heads.map((head) => [head.label, head.unit]));
    const isNarrow = width < 480;
    const below = isNarrow && read_.heads.length > 3 ? 20 : 0; // the legend takes two lines there
    return {
      animation: false,
      textStyle: { fontFamily: FONT, color: colours.ink },
      aria: { enabled: isPiled, label: { enabled: false }, decal: { show: isPiled } },
      grid: { left: 8, right: isAcross ? 32 + 12 * unit.length : 16, top: below + (read_.heads.length < 2 ? 34 : isAcross ? 38 : 58), bottom: 8, containLabel: true },
      legend: { show: read_.heads.length > 1, top: 2, textStyle: { color: colours.ink } },
      tooltip: {
        trigger: "axis",
        renderMode: "richText",
        confine: true,
        axisPointer: { type: kind === "line" ? "line" : "shadow" },
        formatter: (points) =>
          [rows[points[0].dataIndex].label, ...points.map((point) => point.seriesName + "：" + exact(point.value) + " " + units.get(point.seriesName))].join("\n"),
      },
      ...axesOf(isAcross, labels, unit, colours, isNarrow),
      series: seriesOf(kind, read_.heads, rows, colours),
    };
  }

  function heightOf(kind, rows, series) {
    if (kind !== "bar" && kind !== "stack") {
      return 270;
    }
    return Math.max(170, 80 + rows.length * (kind === "stack" ? 26 : 14 + 16 * series));
  }

  function draw(figure) {
    const place = figure.querySelector(".figure-chart");
    const table = figure.querySelector("[data-figure-table]");
    if (!place || !table || charts.has(place)) {
      return;
    }
    const found = read(table);
    const kind = figure.dataset.figure;
    const rows = shown(kind, found.all);
    place.hidden = false;
    table.hidden = true;
    place.style.height = heightOf(kind, rows, found.heads.length) + "px";
    place.setAttribute("role", "img");
    const cut = found.all.length > rows.length ? "图中为" + (kind === "bar" ? "数最大的" : "前") + rows.length + "行，共" + found.all.length + "行" + (isWall() ? "。" : "，其余见表。") : "";
    place.setAttribute("aria-label", figure.dataset.title + "，" + figure.dataset.period + "。数据见表。" + cut);
    const chart = window.echarts.init(place, null, { renderer: "canvas", locale: "ZH" });
    chart.setOption(optionOf(kind, found, rows, isWall() ? WALL : PAGE, place.clientWidth));
    chart.on("click", (point) => {
      const row = rows[point.dataIndex];
      const url = row.urls[point.seriesIndex] || row.url;
      if (url) {
        window.location.assign(url);
      }
    });
    charts.set(place, chart);
    if (cut) {
      const note = document.createElement("p");
      note.className = isWall() ? "wall-note" : "figure-note";
      note.textContent = cut;
      place.after(note);
    }
    tools(figure, place, table, chart);
  }

  function tools(figure, place, table, chart) {
    const toggle = figure.querySelector("[data-figure-toggle]");
    const picture = figure.querySelector("[data-figure-picture]");
    if (!toggle || !picture) {
      return;
    }
    toggle.hidden = false;
    picture.hidden = false;
    toggle.addEventListener("click", () => {
      const showsTable = table.hidden;
      table.hidden = !showsTable;
      place.hidden = showsTable;
      toggle.textContent = showsTable ? "看图" : "看表";
      toggle.setAttribute("aria-pressed", String(showsTable));
      if (!showsTable) {
        chart.resize();
      }
    });
    picture.addEventListener("click", () => save(figure, place, chart, toggle));
  }

  /* The chart with its title, period and watermark, as a picture that says whose it is. */
  function save(figure, place, chart, toggle) {
    if (place.hidden) {
      toggle.click();
    }
    const scale = 2;
    const drawn = chart.renderToCanvas({ pixelRatio: scale, backgroundColor: "#ffffff" });
    const canvas = document.createElement("canvas");
    canvas.width = drawn.width;
    canvas.height = drawn.height + 116 * scale;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    const write = (words, size, colour, left, top) => {
      pen.font = size * scale + "px " + FONT;
      pen.fillStyle = colour;
      pen.fillText(words, left * scale, top * scale);
    };
    const { title, period, scope, asOf, watermark } = figure.dataset;
    write(title, 18, PAGE.ink, 14, 30);
    write(scope + "，" + period, 13, PAGE.muted, 14, 54);
    pen.drawImage(drawn, 0, 66 * scale);
    write(asOf, 12, PAGE.muted, 14, drawn.height / scale + 86);
    write(watermark, 12, PAGE.muted, 14, drawn.height / scale + 105);
    spread(pen, canvas, watermark, scale);
    canvas.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = title + " " + scope + " " + period + ".png";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }, "image/png");
  }

  function spread(pen, canvas, words, scale) {
    pen.save();
    pen.rotate(-Math.PI / 10);
    pen.font = 14 * scale + "px " + FONT;
    pen.fillStyle = "rgba(85, 97, 111, 0.13)";
    for (let top = 0; top < canvas.height * 2; top += 130 * scale) {
      for (let left = -canvas.height; left < canvas.width; left += 360 * scale) {
        pen.fillText(words, left, top);
      }
    }
    pen.restore();
  }

  function drawAll() {
    if (!window.echarts) {
      return;
    }
    for (const [place, chart] of charts) {
      if (!place.isConnected) {
        chart.dispose();
        charts.delete(place);
      }
    }
    document.querySelectorAll("[data-figure]").forEach(draw);
  }

  document.addEventListener("htmx:afterSettle", drawAll);
  window.addEventListener("resize", () => charts.forEach((chart, place) => !place.hidden && chart.resize()));
  drawAll();
})();
