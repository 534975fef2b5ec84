namespace NativeCnn.Cli.Report;

/// <summary>How a report looks: readable from a phone's width on, in the dark too, and on paper.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --back: #fff; --text: #1a1a1a; --soft: #595959; --line: #d9d9d9;
          --first: #0a5fb4; --second: #b44a00; --cell: 10, 95, 180; }
        @media (prefers-color-scheme: dark) { :root { --back: #15171a; --text: #ececec; --soft: #a8adb3;
          --line: #3a3f45; --first: #6db3f2; --second: #f2a65a; --cell: 109, 179, 242; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--back); color: var(--text);
          font: 1rem/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
        .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.75rem; padding: 0; }
        .facts div { border: 1px solid var(--line); border-radius: 0.4rem; padding: 0.5rem 0.75rem; }
        .facts dt { color: var(--soft); font-size: 0.85rem; } .facts dd { margin: 0; font-size: 1.3rem; }
        svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 12px; }
        svg .grid { stroke: var(--line); } polyline { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
        polyline.c0 { stroke: var(--first); } polyline.c1 { stroke: var(--second); stroke-dasharray: 7 4; }
        circle.c0 { fill: var(--first); } circle.c1 { fill: var(--second); }
        .legend { margin: 0; } .key { margin-right: 1.5rem; white-space: nowrap; }
        .key::before { content: ""; display: inline-block; width: 1.6rem; margin-right: 0.4rem; vertical-align: middle;
          border-top: 3px solid var(--first); }
        .key.c1::before { border-top: 3px dashed var(--second); }
        @media (max-width: 40rem) { svg text { font-size: 18px; } }
        .wide { overflow-x: auto; } table { border-collapse: collapse; }
        caption { text-align: left; color: var(--soft); padding-bottom: 0.4rem; max-width: calc(100vw - 2rem); }
        th, td { padding: 0.2rem 0.6rem; text-align: right; border-bottom: 1px solid var(--line);
          font-variant-numeric: tabular-nums; white-space: nowrap; }
        th[scope="row"], th[scope="col"]:first-child, .text th, .text td { text-align: left; } .text td { white-space: normal; overflow-wrap: anywhere; }
        .matrix td { background: rgba(var(--cell), var(--share, 0)); text-align: center; min-width: 2.4rem; }
        .matrix td.zero { color: var(--soft); }
        .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: 1rem; padding: 0;
          list-style: none; }
        .pictures img, .filters { image-rendering: pixelated; border: 1px solid var(--line); }
        .pictures img { width: 100%; height: auto; } .filters { max-width: 100%; height: auto; }
        .bar { background: var(--line); border-radius: 0.2rem; } .bar span { display: block; height: 0.7rem;
          background: var(--first); border-radius: 0.2rem; }
        footer { margin-top: 3rem; color: var(--soft); font-size: 0.85rem; }
        """;
}
