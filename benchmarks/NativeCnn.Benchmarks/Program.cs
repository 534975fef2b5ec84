using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using NativeCnn.Benchmarks;
using NativeCnn.Interop;

// `layers` is ours; everything else is BenchmarkDotNet's.
if (args is ["layers", .. string[] rest])
    return RunLayers(rest);

// Wide enough for the names of a layer, an operation and an algorithm.
IConfig config = DefaultConfig.Instance.WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(80));
IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
return summaries.All(summary => summary.Reports.All(report => report.Success)) ? 0 : 1;

static int RunLayers(string[] arguments)
{
    try
    {
        return new LayersCommand()
            .Parse(arguments)
            .Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }
    catch (Exception error) when (error is InvalidOperationException or ArgumentException or NativeLibraryException)
    {
        Console.Error.WriteLine(error.Message);
        return 1;
    }
}
