import { cliReference } from '../runner/commands/cli-reference.ts'
import { runProgram } from '../runner/kit/program.ts'
import { pageProgram } from './programs/docs/page-program.ts'

await runProgram(
  pageProgram({
    name: 'cli-docs',
    summary: 'Write the reference of the command line, made from the declarations of its commands.',
    pages: () => Promise.resolve({ 'content/docs/cli.md': cliReference() }),
  }),
)
