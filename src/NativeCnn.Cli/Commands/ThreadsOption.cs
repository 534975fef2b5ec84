using System.CommandLine;
using NativeCnn.Cli.Output;
using NativeCnn.Threading;

namespace NativeCnn.Cli.Commands;

/// <summary>The option <c>--threads</c>.</summary>
internal sealed class ThreadsOption
{
    // As the engine has it; a constant, so that --help does not load the engine.
    private const int Maximum = 1024;

    private readonly Option<int> _option = CommonOptions.Number<int>(
        "--threads",
        "N",
        "Threads, 1 to 1024 [default: the processors that this process may use]",
        null,
        new(1, Maximum)
    );

    public void AddTo(Command command) => command.Add(_option);

    /// <summary>The number; more than there are processors is said to be slower, in one line.</summary>
    public int Read(ParseResult arguments)
    {
        int threads = arguments.GetValue(_option);
        if (threads > ThreadCount.Default)
        {
            Notice.Write(
                $"--threads {threads} is more than the {ThreadCount.Default} processors that this process may use, which is slower; the default is {ThreadCount.Default}."
            );
        }
        return threads == 0 ? ThreadCount.Default : threads;
    }
}
