/**
 * Serves the style sheets and scripts of the pages. They are part of this
 * module, so reading them needs no permission.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { RouteHandler } from "../handler.ts";
import abnfScript from "./browser/abnf.js" with { type: "text" };
import aboutStyle from "./browser/about.css" with { type: "text" };
import aboutScript from "./browser/about.js" with { type: "text" };
import actionsScript from "./browser/actions.js" with { type: "text" };
import deletingScript from "./browser/deleting.js" with { type: "text" };
import dialogsScript from "./browser/dialogs.js" with { type: "text" };
import dropLayerScript from "./browser/drop_layer.js" with { type: "text" };
import droppedFilesScript from "./browser/dropped_files.js" with {
  type: "text",
};
import editorScript from "./browser/editor.js" with { type: "text" };
import editorConflictScript from "./browser/editor_conflict.js" with {
  type: "text",
};
import elementScript from "./browser/element.js" with { type: "text" };
import errorStyle from "./browser/error.css" with { type: "text" };
import explanationsScript from "./browser/explanations.js" with {
  type: "text",
};
import fileActionsScript from "./browser/file_actions.js" with { type: "text" };
import filesStyle from "./browser/files.css" with { type: "text" };
import filesScript from "./browser/files.js" with { type: "text" };
import folderScript from "./browser/folder.js" with { type: "text" };
import formatScript from "./browser/format.js" with { type: "text" };
import freshnessScript from "./browser/freshness.js" with { type: "text" };
import gridStyle from "./browser/grid.css" with { type: "text" };
import gridScript from "./browser/grid.js" with { type: "text" };
import icon from "./browser/icon.svg" with { type: "text" };
import icons from "./browser/icons.svg" with { type: "text" };
import lessonCardScript from "./browser/lesson_card.js" with { type: "text" };
import lessonProgressScript from "./browser/lesson_progress.js" with {
  type: "text",
};
import lessonsStyle from "./browser/lessons.css" with { type: "text" };
import lessonsScript from "./browser/lessons.js" with { type: "text" };
import listScript from "./browser/list.js" with { type: "text" };
import markdownStyle from "./browser/markdown.css" with { type: "text" };
import markdownScript from "./browser/markdown.js" with { type: "text" };
import markdownWorkerScript from "./browser/markdown_worker.js" with {
  type: "text",
};
import meaningsScript from "./browser/meanings.js" with { type: "text" };
import menusScript from "./browser/menus.js" with { type: "text" };
import movingScript from "./browser/moving.js" with { type: "text" };
import newFolderScript from "./browser/new_folder.js" with { type: "text" };
import octetTextScript from "./browser/octet_text.js" with { type: "text" };
import pointingScript from "./browser/pointing.js" with { type: "text" };
import previewStyle from "./browser/preview.css" with { type: "text" };
import previewScript from "./browser/preview.js" with { type: "text" };
import previewedScript from "./browser/previewed.js" with { type: "text" };
import readmeScript from "./browser/readme.js" with { type: "text" };
import renamingScript from "./browser/renaming.js" with { type: "text" };
import requestCommandsScript from "./browser/request_commands.js" with {
  type: "text",
};
import requestsScript from "./browser/requests.js" with { type: "text" };
import rowsScript from "./browser/rows.js" with { type: "text" };
import savedUploadsScript from "./browser/saved_uploads.js" with {
  type: "text",
};
import searchScript from "./browser/search.js" with { type: "text" };
import seeingScript from "./browser/seeing.js" with { type: "text" };
import selectionScript from "./browser/selection.js" with { type: "text" };
import shareStyle from "./browser/share.css" with { type: "text" };
import shareScript from "./browser/share.js" with { type: "text" };
import shareDialogScript from "./browser/share_dialog.js" with { type: "text" };
import shortcutsScript from "./browser/shortcuts.js" with { type: "text" };
import sourceLinksScript from "./browser/source_links.js" with {
  type: "text",
};
import sourcesScript from "./browser/sources.js" with { type: "text" };
import styleStyle from "./browser/style.css" with { type: "text" };
import stylesScript from "./browser/styles.js" with { type: "text" };
import thumbnailWorkerScript from "./browser/thumbnail_worker.js" with {
  type: "text",
};
import thumbnailsScript from "./browser/thumbnails.js" with { type: "text" };
import toastsScript from "./browser/toasts.js" with { type: "text" };
import toolbarScript from "./browser/toolbar.js" with { type: "text" };
import typedOctetsScript from "./browser/typed_octets.js" with { type: "text" };
import unfinishedUploadsScript from "./browser/unfinished_uploads.js" with {
  type: "text",
};
import uploadScript from "./browser/upload.js" with { type: "text" };
import uploadBarScript from "./browser/upload_bar.js" with { type: "text" };
import uploadConflictScript from "./browser/upload_conflict.js" with {
  type: "text",
};
import uploadControlsScript from "./browser/upload_controls.js" with {
  type: "text",
};
import uploadPathsScript from "./browser/upload_paths.js" with { type: "text" };
import uploadRefusalsScript from "./browser/upload_refusals.js" with {
  type: "text",
};
import uploadRowScript from "./browser/upload_row.js" with { type: "text" };
import uploadsStyle from "./browser/uploads.css" with { type: "text" };
import uploadsScript from "./browser/uploads.js" with { type: "text" };
import viewSwitchScript from "./browser/view_switch.js" with { type: "text" };
import whoStyle from "./browser/who.css" with { type: "text" };
import wordsScript from "./browser/words.js" with { type: "text" };
import xrayStyle from "./browser/xray.css" with { type: "text" };
import xrayToolsStyle from "./browser/xray_tools.css" with { type: "text" };
import xrayScript from "./browser/xray.js" with { type: "text" };
import xrayComposerScript from "./browser/xray_composer.js" with {
  type: "text",
};
import xrayConnectionScript from "./browser/xray_connection.js" with {
  type: "text",
};
import xrayCopyScript from "./browser/xray_copy.js" with { type: "text" };
import xrayDetailsScript from "./browser/xray_details.js" with { type: "text" };
import xrayHooksScript from "./browser/xray_hooks.js" with { type: "text" };
import xrayListScript from "./browser/xray_list.js" with { type: "text" };
import xrayOctetsScript from "./browser/xray_octets.js" with { type: "text" };
import xrayPagePartsScript from "./browser/xray_page_parts.js" with {
  type: "text",
};
import xrayPartsScript from "./browser/xray_parts.js" with { type: "text" };
import xrayReplayScript from "./browser/xray_replay.js" with { type: "text" };
import xraySamplesScript from "./browser/xray_samples.js" with { type: "text" };
import xrayTimesScript from "./browser/xray_times.js" with { type: "text" };

const assets: Record<string, string> = {
  "abnf.js": abnfScript,
  "about.css": aboutStyle,
  "about.js": aboutScript,
  "actions.js": actionsScript,
  "deleting.js": deletingScript,
  "dialogs.js": dialogsScript,
  "drop_layer.js": dropLayerScript,
  "dropped_files.js": droppedFilesScript,
  "editor.js": editorScript,
  "editor_conflict.js": editorConflictScript,
  "element.js": elementScript,
  "error.css": errorStyle,
  "explanations.js": explanationsScript,
  "file_actions.js": fileActionsScript,
  "files.css": filesStyle,
  "files.js": filesScript,
  "folder.js": folderScript,
  "format.js": formatScript,
  "freshness.js": freshnessScript,
  "grid.css": gridStyle,
  "grid.js": gridScript,
  "icon.svg": icon,
  "icons.svg": icons,
  "lesson_card.js": lessonCardScript,
  "lesson_progress.js": lessonProgressScript,
  "lessons.css": lessonsStyle,
  "lessons.js": lessonsScript,
  "list.js": listScript,
  "markdown.css": markdownStyle,
  "markdown.js": markdownScript,
  "markdown_worker.js": markdownWorkerScript,
  "meanings.js": meaningsScript,
  "menus.js": menusScript,
  "moving.js": movingScript,
  "new_folder.js": newFolderScript,
  "octet_text.js": octetTextScript,
  "pointing.js": pointingScript,
  "preview.css": previewStyle,
  "preview.js": previewScript,
  "previewed.js": previewedScript,
  "readme.js": readmeScript,
  "renaming.js": renamingScript,
  "request_commands.js": requestCommandsScript,
  "requests.js": requestsScript,
  "rows.js": rowsScript,
  "saved_uploads.js": savedUploadsScript,
  "search.js": searchScript,
  "seeing.js": seeingScript,
  "selection.js": selectionScript,
  "share.css": shareStyle,
  "share.js": shareScript,
  "share_dialog.js": shareDialogScript,
  "shortcuts.js": shortcutsScript,
  "source_links.js": sourceLinksScript,
  "sources.js": sourcesScript,
  "style.css": styleStyle,
  "styles.js": stylesScript,
  "thumbnail_worker.js": thumbnailWorkerScript,
  "thumbnails.js": thumbnailsScript,
  "toasts.js": toastsScript,
  "toolbar.js": toolbarScript,
  "typed_octets.js": typedOctetsScript,
  "unfinished_uploads.js": unfinishedUploadsScript,
  "upload.js": uploadScript,
  "upload_bar.js": uploadBarScript,
  "upload_conflict.js": uploadConflictScript,
  "upload_controls.js": uploadControlsScript,
  "upload_paths.js": uploadPathsScript,
  "upload_refusals.js": uploadRefusalsScript,
  "upload_row.js": uploadRowScript,
  "uploads.css": uploadsStyle,
  "uploads.js": uploadsScript,
  "view_switch.js": viewSwitchScript,
  "who.css": whoStyle,
  "words.js": wordsScript,
  "xray.css": xrayStyle,
  "xray_tools.css": xrayToolsStyle,
  "xray.js": xrayScript,
  "xray_composer.js": xrayComposerScript,
  "xray_connection.js": xrayConnectionScript,
  "xray_copy.js": xrayCopyScript,
  "xray_details.js": xrayDetailsScript,
  "xray_hooks.js": xrayHooksScript,
  "xray_list.js": xrayListScript,
  "xray_octets.js": xrayOctetsScript,
  "xray_page_parts.js": xrayPagePartsScript,
  "xray_parts.js": xrayPartsScript,
  "xray_replay.js": xrayReplayScript,
  "xray_samples.js": xraySamplesScript,
  "xray_times.js": xrayTimesScript,
};

/**
 * Scripts that packages are made of, loaded when a page first asks for them:
 * most never do.
 */
const packaged: Record<string, () => Promise<{ default: string }>> = {
  "marked.js": () => import("marked", { with: { type: "text" } }),
  "purify.js": () =>
    import("dompurify/purify.min.js", { with: { type: "text" } }),
};

/** What a script imports when it is loaded. */
const imported = /^(?:import|export|\}) .*from\s"\.\/([^"]+)";$/gm;

const modules = new Map<string, string[]>();

/** The other scripts without which one does not run. */
export function modulesOf(script: string): string[] {
  let found = modules.get(script);
  if (found === undefined) {
    const names = new Set([script]);
    for (const name of names) {
      for (const [, other] of assets[name].matchAll(imported)) names.add(other);
    }
    found = [...names].slice(1);
    modules.set(script, found);
  }
  return found;
}

/**
 * What a script may do that runs in a thread of its own: it has its own policy.
 * It reads from this server, and can run nothing else.
 */
const workerPolicy =
  "default-src 'none'; script-src 'self'; connect-src 'self'";

const types: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * Answers `GET /page/:name`. Throws an HttpError with 404 for an unknown name.
 */
export const answerWithAsset: RouteHandler = async (request, _info, match) => {
  const name = match.pathname.groups.name ?? "";
  const text = await textOf(name);
  const etag = await entityTagOf(name, text);
  const headers = new Headers({
    // Revalidated each time, so that an update shows at once.
    "cache-control": "no-cache",
    "cross-origin-resource-policy": "same-origin",
    etag,
  });
  if (isKnown(request.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  headers.set("content-type", types[name.split(".").pop()!]);
  headers.set("x-content-type-options", "nosniff");
  if (name.endsWith("_worker.js")) {
    headers.set("content-security-policy", workerPolicy);
  }
  return new Response(text, { headers });
};

async function textOf(name: string): Promise<string> {
  if (Object.hasOwn(assets, name)) return assets[name];
  if (!Object.hasOwn(packaged, name)) {
    throw new HttpError(404, "There is no such page asset");
  }
  const { default: text } = await packaged[name]();
  // The map of the source is not served.
  return assets[name] = text.replace(/^\/\/# sourceMappingURL=.*$/m, "");
}

/** The tag of the coded form is the same, but weak (RFC 9110 §13.1.2). */
function isKnown(ifNoneMatch: string | null, etag: string): boolean {
  const tags = ifNoneMatch?.split(",").map((tag) => tag.trim()) ?? [];
  return tags.some((tag) => tag === "*" || tag.replace(/^W\//, "") === etag);
}

const entityTags = new Map<string, string>();

async function entityTagOf(name: string, text: string): Promise<string> {
  let tag = entityTags.get(name);
  if (tag === undefined) {
    const octets = new TextEncoder().encode(text);
    const digest = await crypto.subtle.digest("SHA-256", octets);
    tag = `"${new Uint8Array(digest).toHex().slice(0, 32)}"`;
    entityTags.set(name, tag);
  }
  return tag;
}
