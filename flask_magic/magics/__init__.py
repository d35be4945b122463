"""The magics: each reads its line, calls the workbench, and shows what came."""
