import type { Code, Root } from 'mdast'
import { diagnostic } from '../../diagnostic.ts'
import type { Diagnostic, Place } from '../../diagnostic.ts'
import { placeOf } from '../place.ts'
import { isOnlyText, nearlyShell, shellFence } from './shell-fence.ts'
import { descendants } from '../tree.ts'

// A fence that looks executable and is not a step is a finding: these are all the rules.

/** Whether a fence says that it is only to be read. */
export function isExample({ meta }: Code): boolean {
  return /(^|\s)example(\s|$)/.test(meta ?? '')
}

/** A shell fence of an MDX document that no step holds. */
export function strayFence(node: Code, file: string): Diagnostic[] {
  if (isExample(node)) return []
  const place = placeOf(node, file)
  if (shellFence(node)) {
    return [
      diagnostic(
        'not-a-step',
        place,
        `Unexpected \`${node.lang}\` fence outside every step, it will not run`,
        {
          hint: 'Put it inside a <Command>, or write `example` after the language if it is only to be read.',
        },
      ),
    ]
  }
  const near = node.lang ? nearlyShell(node) : undefined
  if (!near) return []
  return [
    diagnostic(
      'unrunnable-fence',
      place,
      `Unexpected fence language \`${node.lang}\` outside every step, it will not run`,
      near,
    ),
  ]
}

/** Programs whose names are not words of a sentence: a line that begins with one is a command. */
const programs =
  'kubectl|oc|docker|podman|nerdctl|crictl|helm|helmfile|kustomize|argocd|flux|git|curl|wget|ssh|scp|rsync|systemctl|journalctl|aws|gcloud|gsutil|az|azd|doctl|terraform|terragrunt|ansible(?:-playbook)?|npm|npx|yarn|pnpm|pip3?|psql|mysql|mysqldump|mongosh?|redis-cli|virtctl|etcdctl|ceph|consul|vault|nomad|knife|chef-client|salt|gitlab-(?:ctl|rake|rails|psql)|tctl|promtool|amtool|thanos|apt(?:-get)?|yum|dnf|apk|rpm|dpkg|chmod|chown|mkdir|crontab|lsof|netstat|iptables|tcpdump|dig|nslookup|openssl|zpool|lvextend|resize2fs|jq|sudo'
/** Programs whose names are words too: what follows must look like an argument. */
const words =
  'cat|cd|cp|df|du|echo|export|find|grep|head|kill|ls|make|mount|mv|nc|node|ping|ps|python3?|rm|sed|service|sort|tail|tar|touch|watch|which'
const looksLikeShell = new RegExp(
  String.raw`^\s*(?:\$ +\S|(?:sudo +)?(?:(?:${programs}) +\S|(?:${words}) +(?:[-./~$"'*]|\w+[=/])|\.{0,2}/[\w./-]+\.sh\b))`,
)

/** Whether the first line of a block calls a program that shells often call. */
export function looksLikeCommand(code: string): boolean {
  return looksLikeShell.test(firstLine(code))
}

/** The first line of a block that is neither empty nor a comment. */
function firstLine(code: string): string {
  return code.split('\n').find((line) => /^\s*[^#\s]/.test(line)) ?? ''
}

/** The likely intent of a fence of a Markdown document that is not a step. */
export function unmarkedProblems(node: Code, place: Place): Diagnostic[] {
  if (isExample(node) || isOnlyText(node)) return []
  if (shellFence(node)) return [emptyFence(node, place)]
  const near = node.lang ? nearlyShell(node) : undefined
  if (!node.lang && shellOpens.test(node.value)) return [indentedFence(place)]
  const line = firstLine(node.value)
  // A query may have the sign of a prompt before it; only what follows tells.
  const first = node.lang ? line.replace(/^\s*\$ +/, '') : line
  if (near) return [unrunnable(node, place, near.hint)]
  if (!looksLikeShell.test(first)) return []
  const shown = first.trim().slice(0, 60)
  // These words begin statements of other languages as well.
  if (node.lang && /^\s*(?:export|find|make|node|which)\b/.test(first)) return []
  if (node.lang)
    return [
      unrunnable(
        node,
        place,
        `\`${shown}\` looks like a command: write \`bash\` to make it a step, or \`text\` if it is not meant to run.`,
      ),
    ]
  return [
    diagnostic(
      'unmarked-code',
      place,
      `Unexpected code without a language, \`${shown}\` looks like a command`,
      {
        hint: 'Write `bash` after the backticks to make it a step, or `text` if it is not meant to run.',
      },
    ),
  ]
}

function unrunnable({ lang }: Code, place: Place, hint: string): Diagnostic {
  return diagnostic(
    'unrunnable-fence',
    place,
    `Unexpected fence language \`${lang}\`, expected bash, sh, zsh or console`,
    { hint },
  )
}

/** Four spaces make code of a fence; programs with tabs and admonitions of their own take them away before. */
function indentedFence(place: Place): Diagnostic {
  return diagnostic('unmarked-code', place, 'Unexpected fence in indented code, its command will not run', {
    hint: 'Indent the fence by less than four columns, or by what its list item takes.',
  })
}

function emptyFence({ lang }: Code, place: Place): Diagnostic {
  return diagnostic('unrunnable-fence', place, `Unexpected empty \`${lang}\` fence, expected a command`, {
    hint: 'Write the command, or remove the fence.',
  })
}

/** The first line of a shell fence, as text. */
const shellOpens =
  /^[\s>]*(`{3,}|~{3,})\s*\{?\.?(?:language-)?(bash|sh|shell|console|terminal|zsh|azurecli)\b/im

/** Steps and fences that HTML hides from Markdown. */
export function htmlProblems(html: string, place: Place): Diagnostic[] {
  const comment = /<!--([\s\S]*?)(?:-->|$)/.exec(html)?.[1]
  if (comment !== undefined && hidesStep(comment)) return [commentProblem(place)]
  const outside = html.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
  const named = /<(?:pre|code|div)\b[^<>]*?\b(?:lang(?:uage)?[-=]|source-|brush:)\s*["']?([\w-]+)/i.exec(
    outside,
  )?.[1]
  const preformatted = /<pre\b[^<>]*>\s*(?:<code[^>]*>)?([\s\S]*)/.exec(outside)?.[1]
  const isShell = preformatted !== undefined && named !== undefined && shellFence({ lang: named })
  if (isShell || shellOpens.test(outside) || looksLikeShell.test(firstLine(preformatted ?? ''))) {
    return [
      diagnostic('fence-in-html', place, 'Unexpected code inside HTML, expected a fence on its own', {
        hint: 'Put an empty line before the fence, so that Markdown sees it.',
      }),
    ]
  }
  const element = /^<([A-Z]\w+)\s[^>]*\bid=/m.exec(outside)?.[1]
  if (element === undefined) return []
  return [
    diagnostic(
      'element-in-markdown',
      place,
      `Unexpected <${element}> in a Markdown file, expected it in an .mdx file`,
      {
        hint: 'Rename the file to .mdx, or import it with `runbook import`.',
      },
    ),
  ]
}

/** Whether a comment holds a step or a shell fence. */
export function hidesStep(comment: string): boolean {
  return shellOpens.test(comment) || /<[A-Z]\w+\s[^>]*\bid=/.test(comment)
}

export function commentProblem(place: Place): Diagnostic {
  return diagnostic('step-in-comment', place, 'Unexpected step inside a comment, it will not run', {
    hint: 'Take it out of the comment to run it, or delete it.',
  })
}

/** Comments that begin in a paragraph and end after a fence: Markdown closes them early, their author did not. */
export function openComments(tree: Root, source: string): [number, number][] {
  if (!source.includes('<!--')) return []
  return descendants(tree, 'text').flatMap((node): [number, number][] => {
    const start = node.position?.start.offset ?? 0
    const at = source.slice(start, node.position?.end.offset ?? start).lastIndexOf('<!--')
    const end = at === -1 ? -1 : source.indexOf('-->', start + at)
    return end === -1 ? [] : [[start + at, end]]
  })
}
