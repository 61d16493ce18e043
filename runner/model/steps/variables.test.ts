import { expect, test } from 'vitest'
import { kinds } from '../../kinds/all.ts'
import { readRunbook } from '../read-runbook.ts'

const frontmatter = `title: Test
requires: { env: [TOKEN] }
inputs:
  folder: { type: string }
  token: { type: string }
  user: { type: string }`

/** The findings about variables in a runbook whose steps have these scripts, as a place and a message. */
function findings(scripts: readonly string[], language = 'bash'): string[] {
  const steps = scripts.map((script, index) => {
    const outputs = index === 0 ? ' outputs="sum"' : ''
    return `<Command id="s${index}" title="S"${outputs}>\n\n\`\`\`${language}\n${script}\n\`\`\`\n\n</Command>\n`
  })
  const text = `---\n${frontmatter}\n---\n\n${steps.join('\n')}`
  const { diagnostics } = readRunbook({ file: 'a.mdx', slug: 'a', bytes: Buffer.from(text) }, kinds)
  return diagnostics
    .filter(({ code }) => code === 'upper-case-name' || code === 'lost-variable')
    .map(({ message, hint, place }) => `${place.line}:${place.column} ${message}. ${hint}`)
}

test.each([
  'ls "$FOLDER"',
  'ls ${FOLDER}',
  `echo "it's $FOLDER"`,
  'cat <<EOF\nin $FOLDER\nEOF',
  'env OTHER=1 ls "$FOLDER"',
])('an input that a script reads in upper case is found: %j', (script) => {
  expect(findings([script])).toEqual([
    expect.stringMatching(
      /^\d+:\d+ Unexpected variable `FOLDER`, expected `folder`\. Input `folder` reaches the script under its own name: write `\$folder`\.$/,
    ),
  ])
})

test('the finding is at the first use, and covers it', () => {
  expect(findings(['true\nls -l "$FOLDER" "$FOLDER"', 'ls $FOLDER'])).toEqual([
    expect.stringMatching(/^14:8 /),
  ])
})

test('an output of an earlier step is found as well', () => {
  expect(findings(['echo sum=1 >>"$RUNBOOK_OUTPUT"', 'echo "$SUM"'])).toEqual([
    expect.stringContaining('Unexpected variable `SUM`, expected `sum`. Output `sum` reaches'),
  ])
})

test.each([
  ['the input by its own name', 'ls "$folder"'],
  ['another spelling than upper case', 'ls "$Folder"'],
  ['a variable that no input is named after', 'ls "$OTHER"'],
  ['a variable that the script sets', 'FOLDER="$folder"; ls "$FOLDER"'],
  ['a variable of a loop', 'for FOLDER in a b; do ls "$FOLDER"; done'],
  ['a variable that the script reads', 'read -r FOLDER; ls "$FOLDER"'],
  ['one with a default', 'ls "${FOLDER:-.}"'],
  ['one that gets a default first', ': "${FOLDER:=.}"; ls "$FOLDER"'],
  ['one that is asked for first', '[ -z "${FOLDER:-}" ] || ls "$FOLDER"'],
  ['a variable that a file may set', '. ./settings.sh\nls "$FOLDER"'],
  ['a variable that other text may set', 'eval "$(settings)"; ls "$FOLDER"'],
  ['a variable of the environment that has an input of its name', 'echo "$USER"'],
  ['a variable that the frontmatter asks for', 'echo "$TOKEN"'],
  ['text in single quotes', `awk '{ print $FOLDER }' list`],
  ['a comment', 'true # not $FOLDER'],
  ['an escaped dollar sign', String.raw`ssh host "ls \$FOLDER"`],
  ['a here-document that is not expanded', `cat <<'EOF'\n$FOLDER\nEOF`],
  ['an escaped dollar sign in a here-document', 'cat <<EOF\n\\$FOLDER\nEOF'],
])('%s is not taken for an input in upper case', (_, script) => {
  expect(findings([script])).toEqual([])
})

test.each(['python', 'node', 'pwsh'])('scripts of %s have other variables', (language) => {
  expect(findings(['ls $FOLDER'], language)).toEqual([])
})

test('a variable that an earlier step sets is lost, and no input in upper case', () => {
  expect(findings(['export FOLDER=x', 'ls "$FOLDER"'])).toEqual([
    expect.stringContaining('only the earlier step `s0` sets it'),
  ])
})

test('a variable in a comment or behind a backslash is not lost', () => {
  expect(findings(['X=1', String.raw`echo "it's \$X" # and $X`])).toEqual([])
})
