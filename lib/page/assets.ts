/**
 * Serves the style sheets and scripts of the pages. They are part of this
 * module, so reading them needs no permission.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { RouteHandler } from "../handler.ts";
import aboutStyle from "./browser/about.css" with { type: "text" };
import aboutScript from "./browser/about.js" with { type: "text" };
import dialogsScript from "./browser/dialogs.js" with { type: "text" };
import droppedFilesScript from "./browser/dropped_files.js" with {
  type: "text",
};
import errorStyle from "./browser/error.css" with { type: "text" };
import explanationsScript from "./browser/explanations.js" with {
  type: "text",
};
import filesStyle from "./browser/files.css" with { type: "text" };
import filesScript from "./browser/files.js" with { type: "text" };
import formatScript from "./browser/format.js" with { type: "text" };
import icon from "./browser/icon.svg" with { type: "text" };
import lessonCardScript from "./browser/lesson_card.js" with { type: "text" };
import lessonProgressScript from "./browser/lesson_progress.js" with {
  type: "text",
};
import lessonsScript from "./browser/lessons.js" with { type: "text" };
import lessonsStyle from "./browser/lessons.css" with { type: "text" };
import listScript from "./browser/list.js" with { type: "text" };
import meaningsScript from "./browser/meanings.js" with { type: "text" };
import previewScript from "./browser/preview.js" with { type: "text" };
import savedUploadsScript from "./browser/saved_uploads.js" with {
  type: "text",
};
import shareScript from "./browser/share.js" with { type: "text" };
import shareStyle from "./browser/share.css" with { type: "text" };
import shareDialogScript from "./browser/share_dialog.js" with { type: "text" };
import sourceLinksScript from "./browser/source_links.js" with {
  type: "text",
};
import sourcesScript from "./browser/sources.js" with { type: "text" };
import styleStyle from "./browser/style.css" with { type: "text" };
import typedOctetsScript from "./browser/typed_octets.js" with { type: "text" };
import uploadScript from "./browser/upload.js" with { type: "text" };
import uploadRefusalsScript from "./browser/upload_refusals.js" with {
  type: "text",
};
import uploadsScript from "./browser/uploads.js" with { type: "text" };
import actionsScript from "./browser/actions.js" with { type: "text" };
import folderScript from "./browser/folder.js" with { type: "text" };
import menusScript from "./browser/menus.js" with { type: "text" };
import selectionScript from "./browser/selection.js" with { type: "text" };
import wordsScript from "./browser/words.js" with { type: "text" };
import fileActionsScript from "./browser/file_actions.js" with { type: "text" };
import newFolderScript from "./browser/new_folder.js" with { type: "text" };
import pointingScript from "./browser/pointing.js" with { type: "text" };
import requestsScript from "./browser/requests.js" with { type: "text" };
import rowsScript from "./browser/rows.js" with { type: "text" };
import shortcutsScript from "./browser/shortcuts.js" with { type: "text" };
import toolbarScript from "./browser/toolbar.js" with { type: "text" };
import uploadControlsScript from "./browser/upload_controls.js" with {
  type: "text",
};
import whoStyle from "./browser/who.css" with { type: "text" };
import deletingScript from "./browser/deleting.js" with { type: "text" };
import elementScript from "./browser/element.js" with { type: "text" };
import freshnessScript from "./browser/freshness.js" with { type: "text" };
import movingScript from "./browser/moving.js" with { type: "text" };
import renamingScript from "./browser/renaming.js" with { type: "text" };
import searchScript from "./browser/search.js" with { type: "text" };
import toastsScript from "./browser/toasts.js" with { type: "text" };
import xrayStyle from "./browser/xray.css" with { type: "text" };
import xrayScript from "./browser/xray.js" with { type: "text" };
import abnfScript from "./browser/abnf.js" with { type: "text" };
import octetTextScript from "./browser/octet_text.js" with { type: "text" };
import requestCommandsScript from "./browser/request_commands.js" with {
  type: "text",
};
import xrayComposerScript from "./browser/xray_composer.js" with {
  type: "text",
};
import xrayConnectionScript from "./browser/xray_connection.js" with {
  type: "text",
};
import xrayCopyScript from "./browser/xray_copy.js" with { type: "text" };
import xrayDetailsScript from "./browser/xray_details.js" with { type: "text" };
import xrayListScript from "./browser/xray_list.js" with { type: "text" };
import xrayOctetsScript from "./browser/xray_octets.js" with { type: "text" };
import xrayPagePartsScript from "./browser/xray_page_parts.js" with {
  type: "text",
};
import xrayPartsScript from "./browser/xray_parts.js" with { type: "text" };
import xrayReplayScript from "./browser/xray_replay.js" with { type: "text" };
import xraySamplesScript from "./browser/xray_samples.js" with { type: "text" };
import xrayTimesScript from "./browser/xray_times.js" with { type: "text" };
import xrayHooksScript from "./browser/xray_hooks.js" with { type: "text" };

const assets: Record<string, string> = {
  "about.css": aboutStyle,
  "about.js": aboutScript,
  "dialogs.js": dialogsScript,
  "dropped_files.js": droppedFilesScript,
  "error.css": errorStyle,
  "explanations.js": explanationsScript,
  "files.css": filesStyle,
  "files.js": filesScript,
  "format.js": formatScript,
  "icon.svg": icon,
  "lesson_card.js": lessonCardScript,
  "lesson_progress.js": lessonProgressScript,
  "lessons.css": lessonsStyle,
  "lessons.js": lessonsScript,
  "list.js": listScript,
  "meanings.js": meaningsScript,
  "preview.js": previewScript,
  "saved_uploads.js": savedUploadsScript,
  "share.css": shareStyle,
  "share.js": shareScript,
  "share_dialog.js": shareDialogScript,
  "source_links.js": sourceLinksScript,
  "sources.js": sourcesScript,
  "style.css": styleStyle,
  "typed_octets.js": typedOctetsScript,
  "upload.js": uploadScript,
  "upload_refusals.js": uploadRefusalsScript,
  "uploads.js": uploadsScript,
  "actions.js": actionsScript,
  "folder.js": folderScript,
  "menus.js": menusScript,
  "selection.js": selectionScript,
  "words.js": wordsScript,
  "file_actions.js": fileActionsScript,
  "new_folder.js": newFolderScript,
  "pointing.js": pointingScript,
  "requests.js": requestsScript,
  "rows.js": rowsScript,
  "shortcuts.js": shortcutsScript,
  "toolbar.js": toolbarScript,
  "upload_controls.js": uploadControlsScript,
  "who.css": whoStyle,
  "deleting.js": deletingScript,
  "element.js": elementScript,
  "freshness.js": freshnessScript,
  "moving.js": movingScript,
  "renaming.js": renamingScript,
  "search.js": searchScript,
  "toasts.js": toastsScript,
  "xray.css": xrayStyle,
  "xray.js": xrayScript,
  "xray_hooks.js": xrayHooksScript,
  "abnf.js": abnfScript,
  "octet_text.js": octetTextScript,
  "request_commands.js": requestCommandsScript,
  "xray_composer.js": xrayComposerScript,
  "xray_connection.js": xrayConnectionScript,
  "xray_copy.js": xrayCopyScript,
  "xray_details.js": xrayDetailsScript,
  "xray_list.js": xrayListScript,
  "xray_octets.js": xrayOctetsScript,
  "xray_page_parts.js": xrayPagePartsScript,
  "xray_parts.js": xrayPartsScript,
  "xray_replay.js": xrayReplayScript,
  "xray_samples.js": xraySamplesScript,
  "xray_times.js": xrayTimesScript,
};

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
  if (!Object.hasOwn(assets, name)) {
    throw new HttpError(404, "There is no such page asset");
  }
  const etag = await entityTagOf(name);
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
  return new Response(assets[name], { headers });
};

/** The tag of the coded form is the same, but weak (RFC 9110 §13.1.2). */
function isKnown(ifNoneMatch: string | null, etag: string): boolean {
  const tags = ifNoneMatch?.split(",").map((tag) => tag.trim()) ?? [];
  return tags.some((tag) => tag === "*" || tag.replace(/^W\//, "") === etag);
}

const entityTags = new Map<string, string>();

async function entityTagOf(name: string): Promise<string> {
  let tag = entityTags.get(name);
  if (tag === undefined) {
    const octets = new TextEncoder().encode(assets[name]);
    const digest = await crypto.subtle.digest("SHA-256", octets);
    tag = `"${new Uint8Array(digest).toHex().slice(0, 32)}"`;
    entityTags.set(name, tag);
  }
  return tag;
}
