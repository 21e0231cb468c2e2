/** The look: one blue, in four shades from the smallest swarm to the largest, on a surface of its own in either theme. */
export const STYLE = `<style>
text { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; font-size: 13px; fill: #52514e; }
.title { font-size: 17px; font-weight: 600; fill: #0b0b0b; }
.label { font-variant-numeric: tabular-nums; fill: #0b0b0b; }
.tick { font-size: 12px; font-variant-numeric: tabular-nums; }
.surface { fill: #fcfcfb; }
.grid { stroke: #e6e5e0; stroke-width: 1; }
.axis { stroke: #a3a29b; stroke-width: 1; }
.bound { stroke: #0b0b0b; stroke-width: 1.5; stroke-dasharray: 5 4; fill: none; }
.curve { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round; }
.end { stroke: #fcfcfb; stroke-width: 2; }
.curve.run0 { stroke: #7db3ec; } .end.run0 { fill: #7db3ec; }
.curve.run1 { stroke: #3987e5; } .end.run1 { fill: #3987e5; }
.curve.run2 { stroke: #1c5cab; } .end.run2 { fill: #1c5cab; }
.curve.run3 { stroke: #0b2b57; } .end.run3 { fill: #0b2b57; }
@media (prefers-color-scheme: dark) {
text { fill: #c3c2b7; }
.title, .label { fill: #ffffff; }
.surface { fill: #1a1a19; }
.grid { stroke: #33322f; }
.axis { stroke: #6b6a64; }
.bound { stroke: #ffffff; }
.end { stroke: #1a1a19; }
.curve.run0 { stroke: #2a6cc0; } .end.run0 { fill: #2a6cc0; }
.curve.run1 { stroke: #5598e7; } .end.run1 { fill: #5598e7; }
.curve.run2 { stroke: #94c0f2; } .end.run2 { fill: #94c0f2; }
.curve.run3 { stroke: #dcebfd; } .end.run3 { fill: #dcebfd; }
}
</style>`
