"""The npm packages of third_party/web as the repository @web_packages.

setup.sh installs them with npm from the lock file, once for all clones of a user, into
~/.cache/drumline/web-HASH (HASH: the first 12 digits of the lock file's SHA-256). Nothing is
fetched here: where they are missing the build stops and says what to do.
"""

_BUILD = """
package(default_visibility = ["//visibility:public"])

# Draws the charts of the report.
filegroup(name = "uplot", srcs = [
    "node_modules/uplot/LICENSE",
    "node_modules/uplot/dist/uPlot.iife.min.js",
    "node_modules/uplot/dist/uPlot.min.css",
])

# Drives a browser in tests.
filegroup(name = "playwright_core", srcs = glob(["node_modules/playwright-core/**"], exclude = [
    "**/* *",
    "node_modules/playwright-core/lib/vite/**",
    "node_modules/playwright-core/types/**",
]))
"""

def _web_packages_impl(ctx):
    lock = ctx.path(Label("//third_party/web:package-lock.json"))
    digest = ctx.execute(["sha256sum", str(lock)])
    if digest.return_code != 0:
        fail("the digest of %s cannot be had: %s" % (lock, digest.stderr))
    cache = ctx.os.environ.get("XDG_CACHE_HOME", "")
    if not cache:
        cache = ctx.os.environ.get("HOME", "") + "/.cache"
    modules = ctx.path("%s/drumline/web-%s/node_modules" % (cache, digest.stdout[:12]))
    if not modules.exists:
        fail("the web packages are missing (%s): run ./setup.sh as the user who builds" % modules)
    ctx.symlink(modules, "node_modules")
    ctx.file("WORKSPACE", "workspace(name = \"web_packages\")\n")
    ctx.file("BUILD.bazel", _BUILD)

web_packages = repository_rule(
    implementation = _web_packages_impl,
    environ = ["HOME", "XDG_CACHE_HOME"],
    local = True,
)
