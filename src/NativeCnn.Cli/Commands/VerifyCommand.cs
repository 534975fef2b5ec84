using System.CommandLine;
using NativeCnn.Backends;
using NativeCnn.Cli.Output;
using NativeCnn.Verification;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn verify</c>: compares networks with what another program computed of them.</summary>
internal sealed class VerifyCommand : Command
{
    private const string Extension = ".safetensors";

    private readonly Argument<string> _path = new("path")
    {
        Description = "A case, or a folder of them (*.safetensors); docs/testing.md describes the format.",
        HelpName = "DIR|FILE",
    };
    private readonly BackendChoice _backend = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public VerifyCommand()
        : base(
            "verify",
            "Compares outputs, loss, gradients and trained parameters with what another program computed. Exits with 1 if "
                + "a case fails."
        )
    {
        Add(_path);
        _backend.AddTo(this, canTune: false);
        Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        CommandOutput output = new(arguments.GetValue(_json));
        string[] files = Files(arguments.GetRequiredValue(_path));
        using Backend backend = _backend.Create(arguments);
        List<CaseResult> results = [];
        foreach (string file in files)
        {
            CaseResult result = GoldenFile.Verify(file, backend);
            results.Add(result);
            if (!output.IsJson)
                VerificationTable.Print(output, result);
        }
        if (output.IsJson)
            VerificationTable.PrintJson(results, backend);
        else
            VerificationTable.PrintSummary(output, results, backend);
        return results.TrueForAll(result => result.Passed) ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static string[] Files(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        string[] files = Directory.GetFiles(path, "*" + Extension);
        Array.Sort(files, StringComparer.Ordinal);
        return files.Length > 0 ? files : throw new CommandException($"{path} holds no file *{Extension}.");
    }
}
