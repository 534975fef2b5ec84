using NativeCnn.Models;

namespace NativeCnn.Cli;

/// <summary>Models by name, with the mistakes of a user told in the user's words.</summary>
internal static class Catalogue
{
    /// <exception cref="CommandException">No model has this name.</exception>
    public static CatalogModel Find(string model) =>
        ModelCatalog.Names.Contains(model)
            ? ModelCatalog.Find(model)
            : throw CommandException.Usage(
                $"the model {model} is not known. Use one of: {string.Join(", ", ModelCatalog.Names)}."
            );
}
