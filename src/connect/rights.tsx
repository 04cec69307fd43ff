/** The permission matrix: granted, missing, not checked, with the picture of a missing one's tick box. */
import type { PermissionState, Picture as PictureOf, ProviderTexts } from "../providers/provider.ts"
import { Picture } from "../ui/picture.tsx"
import { fill } from "../ui/text.ts"
import type { Texts } from "../ui/texts/en.ts"

export interface RightsProps {
  readonly texts: Texts
  readonly providerTexts: ProviderTexts
  readonly title: string
  readonly permissions: Readonly<Record<string, PermissionState>>
}

/** A card with the matrix, by the groups of the provider's screen. */
export function RightsTable({ texts, providerTexts, title, permissions }: RightsProps) {
  return (
    <section class="card" aria-labelledby="rights">
      <h2 id="rights">{title}</h2>
      <Matrix texts={texts} providerTexts={providerTexts} permissions={permissions} />
    </section>
  )
}

/** The table alone. */
export function Matrix({ texts, providerTexts, permissions }: Omit<RightsProps, "title">) {
  const groups = Map.groupBy(Object.entries(permissions), ([name]) => name.split(":")[0] ?? "")
  return (
    <table>
      {[...groups].map(([group, rows]) => {
        const screenGroup = providerTexts.permissionGroups[group] ?? group
        return (
          <tbody>
            <tr>
              <th colspan={2} scope="colgroup">
                {screenGroup}
              </th>
            </tr>
            {rows.map(([permission, state]) => (
              <Row
                texts={texts}
                state={state}
                name={permission.slice(permission.indexOf(":") + 1)}
                picture={place(providerTexts.permissionPicture, screenGroup, permission)}
              />
            ))}
          </tbody>
        )
      })}
    </table>
  )
}

function Row({
  texts,
  name,
  state,
  picture,
}: {
  texts: Texts
  name: string
  state: PermissionState
  picture: PictureOf | undefined
}) {
  const words = {
    granted: ["ok", texts.rightOn],
    missing: ["no", texts.rightOff],
    unknown: ["na", texts.rightUnknown],
  } as const
  const [tone, text] = words[state]
  return (
    <tr>
      <td>
        <code>{name}</code>
        {state === "missing" && picture !== undefined ? <Picture picture={picture} /> : null}
      </td>
      <td class={tone}>{text}</td>
    </tr>
  )
}

/** Puts group and permission into every text of the picture. */
function place(
  picture: PictureOf | undefined,
  group: string,
  permission: string,
): PictureOf | undefined {
  if (picture === undefined) return undefined
  const values = { group, permission: permission.slice(permission.indexOf(":") + 1) }
  const put = (text: string) => fill(text, values)
  const { menu, sidebar, title, tabs, rows, button, hot, alt } = picture
  return {
    ...(menu === undefined ? {} : { menu: put(menu) }),
    ...(sidebar === undefined ? {} : { sidebar: sidebar.map(put) }),
    ...(title === undefined ? {} : { title: put(title) }),
    ...(tabs === undefined ? {} : { tabs: tabs.map(put) }),
    ...(rows === undefined ? {} : { rows: rows.map((row) => ({ ...row, label: put(row.label) })) }),
    ...(button === undefined ? {} : { button: put(button) }),
    hot: put(hot),
    alt: put(alt),
  }
}
