import { kinds } from '../runner/kinds/all.ts'
import { referencePage } from '../runner/kinds/kind-reference.ts'
import { runProgram } from '../runner/kit/program.ts'
import { pageProgram } from './programs/docs/page-program.ts'

await runProgram(
  pageProgram({
    name: 'kind-docs',
    summary: 'Write the reference of every step kind, made from its schemas.',
    pages: () =>
      Promise.resolve(
        Object.fromEntries(
          kinds.map((kind, index) => [
            `content/docs/kinds/${kind.name}.mdx`,
            referencePage(kind, 300 + index),
          ]),
        ),
      ),
  }),
)
