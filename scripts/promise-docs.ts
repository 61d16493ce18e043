import { runProgram } from '../runner/kit/program.ts'
import { pageProgram } from './programs/docs/page-program.ts'
import { promisePage, readPromises } from './programs/docs/promise-page.ts'

await runProgram(
  pageProgram({
    name: 'promise-docs',
    summary: 'Write the page of the promises of the seed documents, made from content/promises.yaml.',
    pages: () =>
      Promise.resolve({ 'content/docs/promises.md': promisePage(readPromises('content/promises.yaml')) }),
  }),
)
