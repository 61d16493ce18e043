import { runProgram } from '../runner/kit/program.ts'
import { pageProgram } from './programs/docs/page-program.ts'
import { programPage } from './programs/docs/program-page.ts'
import { loadPrograms } from './programs.ts'

await runProgram(
  pageProgram({
    name: 'program-docs',
    summary: 'Write the page of the programs, made from the programs themselves.',
    pages: async () => ({ 'content/docs/programs.md': programPage(await loadPrograms()) }),
  }),
)
