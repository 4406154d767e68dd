import { unpackText } from "./unpack.ts";

async function save(id: string, name: string): Promise<void> {
  const address = URL.createObjectURL(new Blob([await unpackText(id)]));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Buttons that save raw data of the page as a file. */
export function startDownloads(): void {
  for (const button of document.querySelectorAll<HTMLElement>("button.download"))
    button.addEventListener("click", () => {
      save(button.dataset["from"] ?? "", button.dataset["name"] ?? "data").catch((error: unknown) => {
        console.error("download:", error);
      });
    });
}
