import type { Code, Root } from 'mdast'
import { diagnostic } from './diagnostic.ts'
import type { Diagnostic, Place } from './diagnostic.ts'
import { placeOf } from './place.ts'
import { nearlyShell, shellFence } from './shell-fence.ts'
import { descendants } from './tree.ts'

// What looks as if it would run and does not is a finding, never silence: this is all of it.

/** Whether a fence says that it is only to be read. */
export function isExample({ meta }: Code): boolean {
  return /(^|\s)example(\s|$)/.test(meta ?? '')
}

/** A shell fence of an MDX document that no step holds. */
export function strayFence(node: Code, file: string): Diagnostic[] {
  if (isExample(node)) return []
  const place = placeOf(node, file)
  if (shellFence(node.lang)) {
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
  const near = node.lang ? nearlyShell(node.lang) : undefined
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

/** How the first line of a command looks when nobody said that it is one. */
const looksLikeShell =
  /^\s*(?:\$ +\S|(?:sudo +)?(?:kubectl|oc|docker|podman|helm|git|curl|ssh|scp|systemctl|journalctl|aws|gcloud|az|terraform|ansible(?:-playbook)?|make|npm|psql|redis-cli|virtctl|etcdctl|ceph|apt(?:-get)?|yum|dnf|rm|chmod|chown|export) +\S)/

/** Code of a Markdown document that nearly is a shell fence. */
export function unmarkedProblems(node: Code, place: Place): Diagnostic[] {
  const near = node.lang ? nearlyShell(node.lang) : undefined
  if (near) {
    return [
      diagnostic(
        'unrunnable-fence',
        place,
        `Unexpected fence language \`${node.lang}\`, expected bash, sh, zsh or console`,
        near,
      ),
    ]
  }
  if (node.lang || !looksLikeShell.test(node.value)) return []
  const first = node.value.trim().split('\n')[0] ?? ''
  return [
    diagnostic(
      'unmarked-code',
      place,
      `Unexpected code without a language, \`${first.slice(0, 60)}\` looks like a command`,
      {
        hint: 'Write `bash` after the backticks to make it a step, or `text` if it is not meant to run.',
      },
    ),
  ]
}

/** The first line of a shell fence, as text. */
const shellOpens = /^[\s>]*(`{3,}|~{3,})\s*\{?\.?(?:language-)?(bash|sh|shell|console|terminal|zsh)\b/im

/** Steps and fences that HTML hides from Markdown. */
export function htmlProblems(html: string, place: Place): Diagnostic[] {
  const comment = /<!--([\s\S]*?)(?:-->|$)/.exec(html)?.[1]
  if (comment !== undefined && hidesStep(comment)) return [commentProblem(place)]
  const outside = html.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
  if (shellOpens.test(outside) || /<pre\b[^<>]*>\s*(<code[^>]*>)?\s*\$ /.test(outside)) {
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
