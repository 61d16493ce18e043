import { writeFileSync } from 'node:fs'
import { programPage } from './lib/program-page.ts'
import { loadPrograms } from './programs.ts'

const help = `Usage: node scripts/program-docs.ts [file]

Writes the page of the programs, made from the programs themselves, into a file (content/docs/programs.md).
`

const [file = 'content/docs/programs.md', ...more] = process.argv.slice(2)
if (file.startsWith('-') || more.length > 0) {
  const asked = file === '--help' || file === '-h'
  process[asked ? 'stdout' : 'stderr'].write(help)
  process.exitCode = asked ? 0 : 2
} else writeFileSync(file, programPage(await loadPrograms()))
