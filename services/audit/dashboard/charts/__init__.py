"""Charts as SVG, pure: what is drawn, the time and the links are arguments. Colours come from `static/charts.css`."""
