import type { Step } from '../../model/runbook.ts'
import { noteOf } from '../formats/draft.ts'
import type { ImportNote } from '../formats/draft.ts'
import { onlySets } from './set-only.ts'

// Scripts that were written for a person at a terminal, and that a run cannot carry out as they are.

/** The first line of a script that is neither empty nor a comment. */
function firstLine(code: string): string {
  return (
    code
      .split('\n')
      .find((line) => /^\s*[^#\s]/.test(line))
      ?.trim() ?? ''
  )
}

/** A call with arguments, an aggregation or a selector, as PromQL, SQL and their like have them: no shell accepts one as a command. */
export function isQuery(code: string): boolean {
  const line = firstLine(code)
  return (
    /^(?!(?:case|coproc|do|elif|else|exec|for|function|if|select|then|time|until|while)\b)[A-Za-z_:][\w:.]*\s*(?:(?:by|without)\s*)?\((?!\s*\))/.test(
      line,
    ) ||
    /^[A-Za-z_:][\w:]*\{[^{}]*(?:=~|!~|!=|=)\s*"[^{}]*\}/.test(line) ||
    /^\((?:[^()]|\([^()]*\))*\)\s*[*/+%-]\s*[\w(]/.test(line)
  )
}

/** Opens a shell or a console of its own, in which the steps after it do not run, or leaves one. */
const session = new RegExp(
  `^(?:sudo +)?(?:${[
    String.raw`su\b(?!.*\s-\w*c\b).*`,
    'exit|logout',
    String.raw`newgrp\b.*`,
    String.raw`-(?:i|s|su?)(?: +\S+)?`,
    String.raw`(?:-u +\S+ +)?(?:-\S+ +)*(?:ba|da|z)?sh(?: +-l| +--login)?`,
    String.raw`(?:ssh|mosh)(?: +-[FJilop] +[^\s-]\S*| +-\S+)* +[^\s-]\S*`,
    String.raw`(?:kubectl|oc) +(?:debug|exec|run)\b(?=.*\s(?:-it|-ti|-i -t|-t -i|--stdin --tty)\b)(?:(?!.*\s--\s).*|.*\s--\s+(?:\S*/)?(?:ba|a|da|z)?sh)`,
    String.raw`oc rsh\b(?!.*\s--\s).*`,
    String.raw`docker(?: compose)? +(?:exec|run)\b.*\s(?:-it|-ti)\b.*\s(?:ba|a|da)?sh`,
    String.raw`\S*rails +(?:c|console|db|dbconsole)\b.*`,
    'python3?|node|psql|mysql|mongosh?|redis-cli',
  ].join('|')})$`,
)
/** Goes on until someone ends it. */
const endless =
  /^(?:sudo +)?(?:(?:kubectl|oc|docker(?: compose)?|podman|crictl)\b.*\blogs?\b.*\s(?:-f|--follow)\b|journalctl\b.*\s(?:-\w*f\w*|--follow)\b|tail\b.*\s(?:-\w*[fF]\w*|--follow)\b|watch\s|kubectl\b.*\s(?:-w|--watch)\b|(?:h|io|a)?top$|(?:kubectl|oc) +port-forward\b|tcpdump\b(?!.*\s-c))/
/** A word that a person is meant to replace, other than `<name>`. */
const byHand =
  /(?<![\w$"'{/.-])\[[A-Za-z][\w-]*(?: [\w-]+)*\](?=\s|$)|(?<=[\s=/:])(?:CLUSTER|CONTAINER|HOSTNAME|NAMESPACE|NODE|POD|USERNAME|[A-Z][A-Z0-9_]*_(?:ID|IP|NAME|NAMESPACE|HOST|NODE|POD|PORT|PATH|URL|VERSION)|(?:YOUR|MY)[_-][A-Z][A-Z0-9_-]*|your-[a-z][a-z0-9-]*)(?=[\s/:,]|$)/g

/** Left in code by a converter of documents: entities of HTML, and the numbers that a text below explains. */
const leftover = /&(?:amp|gt|lt|nbsp|quot|#\d+);|[\u2460-\u2473\u2776-\u277F]/g

/** Characters of a line that is looked at. */
const longest = 1000

interface ScriptLine {
  line: number
  text: string
}

export function scriptNotes(steps: readonly Step[]): ImportNote[] {
  const lines = steps.flatMap(({ fences: [fence] }) =>
    (fence?.code ?? '').split('\n').map((text, index): ScriptLine => ({
      text: text.trim().replaceAll(/"?\$\{(\w+):\?\}"?/g, '<$1>'),
      line: fence?.lines?.[index] ?? (fence?.place.line ?? 1) + index,
    })),
  )
  const commands = lines.filter(({ text }) => text.length <= longest && !text.startsWith('#'))
  const words = commands
    .filter(({ text }) => !/^(?:export|local|printenv|read|unset)\b/.test(text))
    .flatMap(({ text, line }) =>
      [...text.replaceAll(/'[^']*'/g, '').matchAll(byHand)].map(([word]): ScriptLine => ({
        text: word,
        line,
      })),
    )
  const leftovers = commands.flatMap(({ text, line }) =>
    [...text.matchAll(leftover)].map(([mark]): ScriptLine => ({ text: mark, line })),
  )
  return [
    ...setOnlyNotes(steps),
    ...noteOf(
      leftovers,
      (list, many) =>
        `${list} in a script ${many ? 'are left over' : 'is left over'} from the conversion of the document: write the characters that the command needs`,
    ),
    ...noteOf(
      commands.filter(({ text }) => session.test(text)),
      (list, many) =>
        `${list} ${many ? 'open or leave shells' : 'opens or leaves a shell'} of ${many ? 'their' : 'its'} own: each step runs by itself, so give the commands that belong inside to the program`,
    ),
    ...noteOf(
      commands.filter(({ text }) => endless.test(text)),
      (list, many) =>
        `${list} ${many ? 'go' : 'goes'} on until someone ends ${many ? 'them' : 'it'}: a step needs a command that ends`,
    ),
    ...noteOf(
      words,
      (list, many) =>
        `${list} ${many ? 'look like words' : 'looks like a word'} to replace: write \`<name>\`, and import again, to make ${many ? 'inputs of them' : 'an input of it'}`,
    ),
  ]
}

/** Steps whose variables end with them. Nothing follows the last one. */
function setOnlyNotes(steps: readonly Step[]): ImportNote[] {
  const sets = steps.slice(0, -1).flatMap(({ fences: [fence] }) =>
    onlySets(fence?.code ?? '').map((text): ScriptLine => ({
      text,
      line: fence?.lines?.[0] ?? fence?.place.line ?? 1,
    })),
  )
  return noteOf(
    sets,
    (list, many) =>
      `${list} ${many ? 'are' : 'is'} set in a step that does nothing else, and no later step sees ${many ? 'them' : 'it'}. Write a fixed value into \`env\` of the frontmatter. Declare another one in \`outputs\` of the step, and write \`name=value\` to \`$RUNBOOK_OUTPUT\``,
  )
}
