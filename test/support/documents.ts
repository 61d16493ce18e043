import * as fc from 'fast-check'

const word = fc.constantFrom(
  'pods',
  'a{b}',
  '<name>',
  '`code`',
  '**bold**',
  '[link](x.md)',
  'ünïcødé',
  '诊断',
  '👩‍🚀',
  '$x',
  'import',
  'a_b_c',
  '&lt;',
  '\\<',
  '1.',
)
const line = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => `Text ${words.join(' ')}`)
const language = fc.constantFrom(
  'bash',
  'sh',
  'shell',
  'console',
  'zsh',
  'Bash',
  'yaml',
  'text',
  '',
  'bahs',
  'fish',
  '{.bash}',
  'bash{1,2}',
)
const codeLine = fc.constantFrom(
  '$ ls',
  'ls -l',
  'echo "{x}"',
  'out',
  '',
  'oc get <pod>',
  "cat <<'E'",
  'E',
  '# x',
  'if true',
  '</x>',
)
const code = fc.array(codeLine, { minLength: 1, maxLength: 5 })

const fence = fc
  .tuple(language, code, fc.constantFrom('```', '~~~', '````'), fc.constantFrom('', ' example', ' title="x"'))
  .map(([lang, lines, ticks, meta]) => [`${ticks}${lang}${lang === '' ? '' : meta}`, ...lines, ticks])
const heading = fc
  .tuple(fc.integer({ min: 1, max: 4 }), line)
  .map(([depth, text]) => [`${'#'.repeat(depth)} ${text}`])
const paragraph = line.map((text) => [text])
const comment = fc.constantFrom(
  ['<!-- anchor: here -->'],
  ['<!--', '```bash', 'rm', '```', '-->'],
  ['<!-- note -->'],
)
const plain = fc.oneof({ weight: 3, arbitrary: fence }, heading, paragraph, comment)

/** In a list, in a quote, or in both. */
const nested = fc.tuple(plain, fc.constantFrom('- ', '1. ', '> ', '> - ', '- > ')).map(([lines, marker]) =>
  lines.map((text, index) => {
    const prefix = index === 0 ? marker : marker.replaceAll(/[^>]/g, ' ')
    return `${prefix}${text}`.trimEnd()
  }),
)

/** Markdown documents of every construct the two front ends read. */
export const document = fc
  .array(fc.oneof({ weight: 2, arbitrary: plain }, nested), { minLength: 1, maxLength: 8 })
  .map((blocks) => `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`)
