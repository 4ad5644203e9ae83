"""The web pages: what the audit knows, for people. Made on the server, useful without script.

A page is a route (`site.py`'s table), a query (in `store/`) and a template. A visit passes `site.py`: the session's
cookie gives the API key, the key its role and project, the page's `show` the data, the template the page. A page that
is `live` sends its region (the template's block `live`) again whenever it would look different.

What is asked for on a page goes from here to the public API with the visitor's own key, so a page can do nothing that
the key may not. Nothing of a key comes into a page, a log or, in clear, the database.

    pages/        what there is to look at and to send: one file a subject, with its routes; they ask store and API
    presenters/   what pages show, made from rows, and what forms said, as the API takes it: pure
    charts/       drawings (SVG): pure
    templates/    one for each page; components.html has what they share, as `ui`
    static/       the style and the script, without which everything works too

Beside these folders stands the shell that every page lives in: who comes in (`sessions`, `signing_in`, `forms`), what
a page is given and answers (`visit`), where things are (`address`, `places`), how pages ask the API (`commands`), how
they are sent (`render`, `responses`) and sent again (`live`, `pulse`); `parts` puts it together.
"""
