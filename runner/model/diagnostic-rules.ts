/**
 * Every finding `check` can make. Codes are permanent: they are searched for, silenced by name, and each has a
 * page at content/docs/errors/<code>.mdx. Only warnings can be silenced.
 */
export const rules = {
  'file-unreadable': { severity: 'error', summary: 'The file cannot be read.' },
  'too-large': {
    severity: 'error',
    summary: 'The file, or a paragraph of it, is larger than a document can be.',
  },
  'too-deep': { severity: 'error', summary: 'Lists, quotes or elements are nested too deeply.' },
  'not-utf8': { severity: 'warning', summary: 'The file is not valid UTF-8 text.' },
  'mis-decoded': { severity: 'warning', summary: 'The text was once read in the wrong encoding.' },
  'unsafe-character': { severity: 'error', summary: 'Code contains a character that hides what would run.' },
  'invalid-syntax': { severity: 'error', summary: 'The document is not valid MDX.' },
  'invalid-frontmatter': {
    severity: 'error',
    summary: 'The frontmatter is not valid YAML, or a value in it is wrong.',
  },
  'ignored-frontmatter': {
    severity: 'warning',
    summary: 'A part of a Markdown document’s frontmatter cannot be used.',
  },
  'unknown-field': { severity: 'error', summary: 'The frontmatter has a field that does not exist.' },
  'code-in-document': {
    severity: 'error',
    summary: 'The document contains JavaScript, which a runbook may not run.',
  },
  'unknown-element': { severity: 'error', summary: 'An element is not a step kind.' },
  'unknown-attribute': { severity: 'error', summary: 'A step has an attribute that its kind does not have.' },
  'invalid-attribute': { severity: 'error', summary: 'An attribute is missing or its value is wrong.' },
  'invalid-expression': {
    severity: 'error',
    summary: 'A CEL expression is invalid, or does not return a boolean.',
  },
  'invalid-id': { severity: 'error', summary: 'A step id is not usable as an anchor.' },
  'duplicate-id': { severity: 'error', summary: 'Two steps have the same id.' },
  'duplicate-anchor': { severity: 'warning', summary: 'Two places of a document have the same name.' },
  'nested-step': { severity: 'error', summary: 'A step is inside another step.' },
  'invalid-body': { severity: 'error', summary: 'Invalid content for this step kind.' },
  'invalid-request': { severity: 'error', summary: 'An `http` fence is not a request.' },
  'gate-selects-all': {
    severity: 'warning',
    summary: 'A gate looks at every release at once, so old traffic hides new errors.',
  },
  'invalid-query': { severity: 'error', summary: 'A PromQL query cannot be read.' },
  'template-in-shell': {
    severity: 'error',
    summary: 'A script contains a template instead of an environment variable.',
  },
  'unknown-reference': {
    severity: 'error',
    summary: 'A template names an input or output that does not exist.',
  },
  'later-reference': { severity: 'error', summary: 'A step uses the output of a step that comes after it.' },
  'conditional-reference': {
    severity: 'warning',
    summary: 'A step uses the output of a step that may be skipped.',
  },
  'contradicting-policies': {
    severity: 'warning',
    summary: 'Two policies contradict each other, or a rollback has nothing to undo.',
  },
  'unknown-runbook': { severity: 'error', summary: 'A step includes a runbook that does not exist.' },
  'include-cycle': { severity: 'error', summary: 'Runbooks include each other in a cycle.' },
  'duplicate-name': { severity: 'error', summary: 'An input or output name is used twice.' },
  'no-steps': { severity: 'error', summary: 'The document has no step.' },
  'prose-only': { severity: 'warning', summary: 'A Markdown document has nothing that can be run.' },
  'not-a-step': {
    severity: 'error',
    summary: 'A shell fence is outside every step, so it does not run.',
  },
  'unrunnable-fence': {
    severity: 'warning',
    summary: 'A fence looks like a script, but its language cannot be run.',
  },
  'unmarked-code': { severity: 'warning', summary: 'A fence without a language looks like shell commands.' },
  'step-in-comment': { severity: 'warning', summary: 'A step or a shell fence is inside a comment.' },
  'fence-in-html': {
    severity: 'warning',
    summary: 'A fence is inside HTML, so Markdown does not see it.',
  },
  'element-in-markdown': { severity: 'warning', summary: 'A Markdown file contains a step element.' },
  'missing-prompt': {
    severity: 'warning',
    summary: 'A console fence has no prompt, so commands and output cannot be told apart.',
  },
  'prompt-in-script': { severity: 'error', summary: 'A script begins with a prompt.' },
  'placeholder-in-script': {
    severity: 'error',
    summary: 'A script contains a placeholder that the shell would read as a redirection.',
  },
  'placeholder-input': {
    severity: 'warning',
    summary: 'A placeholder in a Markdown document became an input.',
  },
  'placeholder-text': {
    severity: 'warning',
    summary: 'Text in angle brackets is not an HTML element, and is shown as written.',
  },
  'lost-variable': {
    severity: 'warning',
    summary: 'A script uses a variable that only an earlier step sets.',
  },
  'upper-case-name': {
    severity: 'warning',
    summary: 'A script reads an input or an output by its name in upper case.',
  },
  'shell-syntax': { severity: 'error', summary: 'A script is not valid shell.' },
  shellcheck: { severity: 'warning', summary: 'shellcheck reports a problem in a script.' },
  'typographic-code': {
    severity: 'warning',
    summary: 'Code contains quotes or dashes that a word processor put there.',
  },
  'pipe-to-shell': { severity: 'warning', summary: 'A downloaded script runs without a check.' },
  'real-secret': { severity: 'warning', summary: 'Something looks like a real secret.' },
  'plain-http': { severity: 'warning', summary: 'An address of another host is not encrypted.' },
  'home-path': { severity: 'warning', summary: 'A path leads into one person’s home folder.' },
  'placeholder-date': { severity: 'warning', summary: 'A date was not filled in.' },
  'unfinished-text': { severity: 'warning', summary: 'The text is marked as unfinished.' },
  'unknown-approver': {
    severity: 'error',
    summary: 'An approval names a role or a person that people.yaml does not declare.',
  },
  'self-approved-presence': {
    severity: 'error',
    summary: 'A runbook asks for presence and lets whoever runs it approve.',
  },
  'duplicate-person': { severity: 'error', summary: 'Two entries of people.yaml are one person.' },
  'invalid-people': {
    severity: 'error',
    summary: 'people.yaml is not valid YAML, or a value in it is wrong.',
  },
  'contact-missing': {
    severity: 'error',
    summary: 'No reachable person has the on-call role.',
  },
  'contact-overdue': {
    severity: 'warning',
    summary: 'A contact was last checked more than 180 days ago.',
  },
  'postmortem-unfinished': {
    severity: 'error',
    summary: 'The postmortem is marked closed, but a required section is empty.',
  },
  'invalid-scenario': {
    severity: 'error',
    summary: 'A scenarios file is not valid YAML, or a value in it does not fit its runbook.',
  },
  'review-overdue': { severity: 'warning', summary: 'The review of the runbook is overdue.' },
  'drill-overdue': { severity: 'warning', summary: 'The promised drill of the runbook is overdue.' },
  'broken-link': { severity: 'error', summary: 'A link leads to a document that does not exist.' },
  'missing-anchor': { severity: 'error', summary: 'A link leads to an anchor that does not exist.' },
  'lost-address': { severity: 'error', summary: 'A page or an anchor that was promised is gone.' },
  'missing-image': { severity: 'error', summary: 'An image file does not exist.' },
  'invalid-url': { severity: 'error', summary: 'An address is not a URL.' },
  'unknown-requirement': {
    severity: 'error',
    summary: 'A reference names a requirement that the list does not have.',
  },
  'alias-collision': { severity: 'error', summary: 'Two documents claim the same address.' },
  'duplicate-alert': { severity: 'error', summary: 'Two documents claim the same alert.' },
} as const satisfies Record<string, { severity: 'error' | 'warning'; summary: string }>

export type Code = keyof typeof rules

/** The codes an author may silence in a document. */
export const silenceable: readonly Code[] = (Object.keys(rules) as Code[]).filter(
  (code) => rules[code].severity === 'warning',
)
