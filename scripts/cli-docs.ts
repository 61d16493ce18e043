import { writeFileSync } from 'node:fs'
import { cliReference } from '../runner/commands/reference.ts'

const help = `Usage: node scripts/cli-docs.ts [file]

Writes the reference of the command line, made from the declarations of its commands, into a file (content/docs/cli.md).
`

const [file = 'content/docs/cli.md', ...more] = process.argv.slice(2)
if (file.startsWith('-') || more.length > 0) {
  const asked = file === '--help' || file === '-h'
  process[asked ? 'stdout' : 'stderr'].write(help)
  process.exitCode = asked ? 0 : 2
} else writeFileSync(file, cliReference())
