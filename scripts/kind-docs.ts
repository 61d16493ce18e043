import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kinds } from '../runner/kinds/all.ts'
import { referencePage } from '../runner/kinds/reference.ts'

const help = `Usage: node scripts/kind-docs.ts [folder]

Writes the reference of every step kind, made from its schemas, into a folder (content/docs/kinds).
`

const [folder = 'content/docs/kinds', ...more] = process.argv.slice(2)
if (folder.startsWith('-') || more.length > 0) {
  const asked = folder === '--help' || folder === '-h'
  process[asked ? 'stdout' : 'stderr'].write(help)
  process.exitCode = asked ? 0 : 2
} else {
  mkdirSync(folder, { recursive: true })
  for (const [index, kind] of kinds.entries())
    writeFileSync(join(folder, `${kind.name}.mdx`), referencePage(kind, 300 + index))
}
