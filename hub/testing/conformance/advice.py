"""What a provider must do to keep each rule, for whoever writes one; the pages of docs/conformance are made of it."""

from __future__ import annotations

ADVICE = {
    "entry-point-loads": "Name its class in `payroll_hub.providers` of its `pyproject.toml`, under its own `name`.",
    "settings-are-complete": "Give every field of `Settings` a `title` and a `description`.",
    "secrets-are-typed": "Type every password, token and key in `Settings` as `SecretStr`.",
    "settings-in-dutch-and-english": "Write title and description as `English / Nederlands`, or put the Dutch in `nl`.",
    "activates": "Ask payroll in `activate` which administrations the login reaches, and return each once.",
    "hosts-are-declared": (
        "List in `hosts` the bare name of every host that it calls, that of a default address included."
    ),
    "activate-writes-nothing": "Only read in `activate`; make no row to see whether that can be done.",
    "wrong-credentials-are-told": (
        "Raise `AuthError` for the answer that payroll gives to a login that it does not know."
    ),
    "missing-right-is-named": (
        "Report each right in `Activation.rights`, and raise `PermissionMissing` with its name for a call "
        "that needs it."
    ),
    "suspended-account-says-who-acts": (
        "Raise `AuthError` or `PermissionMissing` for an account that is suspended, with who opens it again."
    ),
    "only-through-its-client": (
        "Call payroll only through the `http` that it is given, never through a client of its own."
    ),
    "connections-share-nothing": "Keep what belongs to a connection on the instance.",
    "nothing-outlives-an-instance": "Keep nothing in class attributes, modules or caches of functions.",
    "new-instance-does-the-same": (
        "Return from `activate` in `settings` what a later instance must know, and keep no more."
    ),
    "sync-is-complete": "Read all people of every administration, who left and who has yet to start too.",
    "sync-pages-to-the-end": "Read on until payroll says that there is no other page.",
    "endless-paging-stops": "Raise `ContractError` where a page repeats, or where there are more than there can be.",
    "sync-is-repeatable": "Use ids that payroll keeps, and an order that does not change.",
    "sync-writes-nothing": "Only read in `sync_workforce`.",
    "slot-reads-the-same-twice": "Return rows with all they hold, in an order that does not change.",
    "results-survive-json": "Fill the models of the contract with plain values of their types.",
    "amounts-are-whole-hundredths": "Make whole hundredths of what payroll writes with `Decimal`, and let no float in.",
    "fault-reaches-the-caller": "Let errors of `http` pass; never make an empty list of an answer that did not come.",
    "malformed-answer-is-told": "Raise `ContractError` for an answer that is not what payroll publishes.",
    "malformed-answer-is-not-quoted": (
        "Raise it outside of `except`, in words of its own, with nothing of the answer in it."
    ),
    "leavers-keep-their-last-day": "Return people who left with their last day of work in `ends`.",
    "rehires-start-anew": (
        "Return who came back with the employment of today, and end older contracts where they ended."
    ),
    "odd-dates-are-none": "Make None of dates that are empty, no dates, or payroll's word for none.",
    "validate-writes-nothing": "Only look in `validate`, and return what is found.",
    "validate-offline-opens-no-socket": "Call payroll in `validate` only where `request.online` is set.",
    "export-opens-without-a-write": "Return the destination from `export_timecards` and send nothing yet.",
    "posted-is-readable": "Return from `post` the id under which `read` shows the row, with its code and amount.",
    "amounts-are-exact": "Calculate with whole numbers or `Decimal`, in both directions.",
    "same-key-adds-nothing": (
        "Hand `key` to payroll as it is, and grade `idempotent` as full only where payroll itself adds nothing twice."
    ),
    "refusal-says-what-to-do": (
        "Raise `Refused(code, text)` for what payroll refuses: what happened, a colon, what to do."
    ),
    "refusal-writes-nothing": "Send an entry in one call, so that nothing of it is there where it is refused.",
    "closed-list-is-refused": (
        "Know every answer that refuses for certain by its code, and raise `Refused` with a code each."
    ),
    "put-keeps-the-others": (
        "Put back the rows that payroll itself gave, with every field, and not rows made of what the hub knows of them."
    ),
    "put-of-a-changed-slot-is-not-executed": (
        "Compare the slot with `before`, and send the version that was read; raise `NotExecuted` where it is another."
    ),
    "timeout-is-unknown": "Let the `UnknownOutcome` of `http` pass.",
    "reset-is-unknown": "Let the `UnknownOutcome` of `http` pass.",
    "cut-answer-is-unknown": "Let the `UnknownOutcome` of `http` pass, also where half of the answer can be read.",
    "web-page-is-unknown": "Say in `accept` and `statuses` which answers are payroll's own; all others are unknown.",
    "redirect-is-unknown": "Follow no redirect of a posting.",
    "empty-answer-is-unknown": "Raise for an answer without content; it proves nothing.",
    "answer-without-an-id-is-unknown": "Raise `UnknownOutcome` for an id that is empty or 0.",
    "write-is-sent-once": "Send each posting once, whatever comes of it: no retry around it, no second way.",
    "throttling-is-honoured": "Let the error of `http` pass with its `retry_after`.",
    "resolve-tells-no-lie": (
        "Return the same `Pending` while payroll says nothing, a row once it tells its id, and raise "
        "`Refused` only where"
        "payroll says that it refused; let errors of `http` pass."
    ),
    "replace-touches-its-own-row": "Change the one row whose id is `posted.id`.",
    "withdraw-touches-its-own-row": "Take away the one row whose id is `posted.id`.",
    "run-accounts-for-every-entry": "Post every entry that it is given, for whoever it is, and read all of them back.",
    "crash-leaves-each-entry-once": "Know nothing of a posting but what payroll can tell after the process has died.",
    "correction-replaces-its-own-row": "Find the row to change by its id, never by what it looks like.",
    "correction-withdraws-its-own-row": "Find the row to take away by its id, never by what it looks like.",
    "secrets-stay-out-of-logs": "Log no headers, settings or bodies, and print nothing.",
    "secrets-stay-out-of-errors": (
        "Write errors of its own words; put no request into them, and chain none that holds one."
    ),
    "people-stay-out-of-logs-and-errors": "Name people by their ids in logs and errors.",
    "secrets-stay-out-of-results": "Return no credential in any result but as a setting that is typed as a secret.",
    "file-needs-no-network": "Make the file of the rows and the layout alone.",
    "file-has-its-layout": "Ship a `layout`, `unverified` until it was laid beside a sample of payroll's own.",
    "file-takes-the-companys-layout": "Render in `request.layout` where there is one, and else in its own.",
    "file-is-repeatable": "Sort rows by what they are, and write no moment of today into the file.",
    "file-accounts-for-every-row": "Group rows by all that the layout tells, and leave nobody out.",
    "file-sums-are-exact": "Add whole hundredths and whole minutes, and round nothing again.",
    "file-holds-no-formula": "Write every text through what keeps it from being one, as the hub's own rendering does.",
    "file-needs-every-bsn": "Set `needs_bsn`, and raise `InputError` with the id of who has none.",
    "file-refuses-a-code-without-a-column": "Raise `InputError` with the code, rather than leave the amount out.",
    "file-errors-name-nobody": "Name people by their ids in every error and log.",
    "file-is-taken-by-its-simulator": (
        "Subclass `SimulatedImporter` with the layout that payroll takes, and name it as `importer` in the "
        "conformance class."
    ),
}
"""In the words of who writes a provider, by the id of the rule."""
