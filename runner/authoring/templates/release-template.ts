/** Fences are written with tildes here, and with backticks in the file. */
export const release = `---
title: TITLE
description: Take a version from a green main to every user, with a sign-off and a way back.
owner: release-engineering
inputs:
  version:
    type: semver
    description: Version to release, without the leading v.
requires:
  commands: [git]
  optionalEnv: [SSH_AUTH_SOCK]
concurrency: release
counts: release
---

## Prepare

<Check id="clean-tree" title="Nothing is uncommitted">

The release is cut from what is committed. If this fails, commit or stash first.

~~~bash
git status --short
test -z "$(git status --porcelain)"
~~~

</Check>

<Checklist id="ready" title="Everybody is ready">

- [ ] The change log names every change users see.
- [ ] The person on call knows about the release.

</Checklist>

<Command id="tag" title="Tag the release" outputs="sha" timeout="1m" onFailure="rollback">

~~~bash
git tag -a "v$version" -m "Release $version"
echo "sha=$(git rev-parse "v$version^{commit}")" >> "$RUNBOOK_OUTPUT"
~~~

~~~bash done
test "$(git cat-file -t "v$version")" = tag
~~~

~~~bash undo
git tag -d "v$version"
~~~

</Command>

## Publish

<Approval id="go" title="Go or no-go" approvers="release-manager">

Look at the results above before you decide.

</Approval>

<Command id="push" title="Push the tag" timeout="5m">

The pipeline starts with it.

~~~bash
git push origin "v$version"
~~~

~~~bash done
pushed=$(git ls-remote --tags origin "v$version")
test -n "$pushed"
~~~

~~~bash undo
git push --delete origin "v$version"
~~~

</Command>
`
