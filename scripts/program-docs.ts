import { runProgram } from '../runner/kit/program.ts'
import { pageProgram } from './lib/page-program.ts'
import { programPage } from './lib/program-page.ts'
import { loadPrograms } from './programs.ts'

await runProgram(
  pageProgram({
    name: 'program-docs',
    summary: 'Writes the page of the programs, made from the programs themselves.',
    pages: async () => ({ 'content/docs/programs.md': programPage(await loadPrograms()) }),
  }),
)
