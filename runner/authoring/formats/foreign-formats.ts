import { shellWord } from '../../model/text/shell/shell-word.ts'

/** A format of documents that `import` does not read. */
export interface ForeignFormat {
  name: string
  /** Of its files. */
  endings?: RegExp
  /** Found only in texts of this format: for files whose ending says nothing. No text of a stranger may match it in two ways. */
  sign?: RegExp
  /** How it becomes Markdown, as a sentence. `text` is the beginning of the file. */
  advice: (place: Place, text: string) => string
}

/** A file as a person names it, or a folder with some of its files. */
interface Place {
  path: string
  isFolder: boolean
}

/** The order decides: a file is of the first format that its ending or its text fits. */
const formats: readonly ForeignFormat[] = [
  {
    name: 'Confluence storage format',
    sign: /<(?:ac:[a-z-]+|ri:page)[\s>]|<hibernate-generic\b/,
    advice: () =>
      'Export the page or the space from Confluence as HTML, and convert each page: `pandoc -f html -t gfm-raw_html --wrap=none page.html -o page.md`.',
  },
  converted('reStructuredText', /^\.(?:rst|rest)$/i, 'pandoc -f rst -t gfm --wrap=none', {
    sign: /^\.\. [a-z][\w-]*::/m,
  }),
  {
    name: 'AsciiDoc',
    endings: /^\.(?:adoc|asciidoc|asc)$/i,
    sign: /^\[source[^\]\n]*\]\s*$|^include::\S+\[[^\]\n]*\]\s*$|^={1,4} \S[^=\n]*$/m,
    advice: (place, text) => {
      const lines = text.split('\n').flatMap((line, at) => (line.startsWith('include::') ? [at + 1] : []))
      const included =
        lines.length === 0
          ? ''
          : ` It leaves out what ${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')} ${lines.length === 1 ? 'includes' : 'include'}: put that text in its place first.`
      return `${withCommand(place, (name) => `npx downdoc ${name}`, 'adoc')}${included}`
    },
  },
  converted('Org', /^\.org$/i, 'pandoc -s -f org -t gfm --wrap=none', {
    sign: /^[ \t]*#\+(?:title:|begin_src\b)/im,
  }),
  converted('A Jupyter notebook', /^\.ipynb$/i, 'pandoc -f ipynb -t gfm-raw_html --wrap=none', {
    sign: /^\s*\{\s*"cells"\s*:\s*\[/,
  }),
  converted('HTML', /^\.(?:html?|xhtml)$/i, 'pandoc -f html -t gfm-raw_html --wrap=none', {
    sign: /^\s*(?:<!doctype html|<html\b)/i,
  }),
  converted('A Word document', /^\.docx$/i, 'pandoc -f docx -t gfm --wrap=none'),
  converted('An OpenDocument text', /^\.odt$/i, 'pandoc -f odt -t gfm --wrap=none'),
  converted('MediaWiki markup', /^\.(?:mediawiki|wiki)$/i, 'pandoc -f mediawiki -t gfm --wrap=none'),
  converted('Textile', /^\.textile$/i, 'pandoc -f textile -t gfm --wrap=none'),
  converted('Confluence wiki markup', undefined, 'pandoc -f jira -t gfm --wrap=none', {
    sign: /^\{(?:code|noformat)(?::[^}\n]*)?\}\s*$|^h[1-6]\. \S/m,
  }),
  {
    name: 'R Markdown',
    endings: /^\.[rq]md$/i,
    advice: (place) => `Copy ${named(place)} to a file that ends in .md, and import that.`,
  },
  {
    name: 'A PDF',
    endings: /^\.pdf$/i,
    advice: () => 'Import the document that it was made from, such as its Markdown or its Word file.',
  },
  {
    name: 'An archive',
    endings: /^\.zip$/i,
    advice: (place) => `Unpack ${named(place)}, such as an export of Notion, and import its folder.`,
  },
  {
    name: 'A template',
    endings: /^\.(?:erb|j2|jinja2?)$/i,
    advice: () => 'Render templates to Markdown, in files that end in .md.',
  },
  {
    name: 'Plain text',
    endings: /^\.(?:txt|text)$/i,
    advice: (place) =>
      `Copy ${named(place)} to a file that ends in .md, and put each command between the lines \`\`\`bash and \`\`\`.`,
  },
  {
    name: 'An Ansible playbook',
    sign: /^- (?:name:.*\n(?:[ \t].*\n)*?[ \t]+)?hosts:/m,
    advice: ({ path }) => `Write a runbook with a step that runs \`ansible-playbook ${shellWord(path)}\`.`,
  },
  {
    name: 'A Backstage entity',
    sign: /^apiVersion:\s*["']?backstage\.io\//m,
    advice: () => 'It describes a component. Import the folder of its documentation, often `docs`.',
  },
  {
    name: 'A file of alert rules',
    sign: /^[ \t]*(?:-[ \t]+)?alert:[ \t]*\S/m,
    advice: ({ path }) =>
      `\`runbook alerts scaffold ${shellWord(path)}\` begins a runbook for each alert, \`runbook alerts check ${shellWord(path)}\` looks at its links.`,
  },
]

function converted(
  name: string,
  endings: RegExp | undefined,
  command: string,
  { sign }: { sign?: RegExp } = {},
): ForeignFormat {
  // Each pattern of endings begins with the usual one.
  const ending = endings?.source.match(/[a-z]{3,}/)?.[0] ?? ''
  return {
    name,
    ...(endings && { endings }),
    ...(sign && { sign }),
    advice: (place) => withCommand(place, (from, to) => `${command} ${from} -o ${to}`, ending),
  }
}

/** The line to type for one file, or for each file of a folder. */
function withCommand(
  { path, isFolder }: Place,
  command: (from: string, to: string) => string,
  ending: string,
): string {
  if (isFolder)
    return `Convert each with \`find ${shellWord(path)} -name '*.${ending}' -exec sh -c '${command('"$0"', '"${0%.*}.md"')}' {} \\;\`, then import again.`
  const result = `${path.replace(/\.[^./\\]*$/, '')}.md`
  return `Convert it with \`${command(shellWord(path), shellWord(result))}\`, then import \`${result}\`.`
}

function named({ path, isFolder }: Place): string {
  return isFolder ? 'each' : `\`${path}\``
}

/** The format of a file by its ending, else by the beginning of its text. */
export function foreignFormat(ending: string, text = ''): ForeignFormat | undefined {
  const byText = formats.find(({ sign }) => sign?.test(text) === true)
  // A page of HTML or a file of plain text may hold a format that tells more.
  if (/^\.(?:html?|xhtml|xml|te?xt|)$/i.test(ending) && byText) return byText
  return formats.find(({ endings }) => endings?.test(ending) === true) ?? byText
}
